"""The portfolio's parser: encodings, grouping, and mistakes by row and column."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.columns import COLUMNS
from beianhub_cli.client.portfolio import Portfolio, parse
from beianhub_core.findings import blocker
from beianhub_core.rules.completing import completed

from .conftest import SAMPLES

GOOD = {
    "客户": "示例集团",
    "主体ID": "shili",
    "主办单位名称": "北京示例科技有限公司",
    "性质": "企业",
    "省份": "北京",
    "证件类型": "营业执照",
    "证件号码": "91110108012345671W",
    "负责人姓名": "张示例",
    "负责人证件号码": "110108198503070114",
    "负责人手机": "13800000001",
    "网站名称": "示例科技官方网站",
    "域名": "shili.com；shili.cn",
    "已接入": "腾讯云、aliyun",
}


def table(*rows: dict[str, str], header: list[str] | None = None, separator: str = ",") -> bytes:
    """A file with these rows, in UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header or list(GOOD), delimiter=separator, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def faults(portfolio: Portfolio) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.finding.code) for fault in portfolio.faults]


def test_a_row_becomes_a_subject_with_a_service() -> None:
    """Each cell goes to its field; what the file leaves out it does not say, and only something new follows from it."""
    (entry,) = parse(table(GOOD)).entries
    subject, (service,) = entry.subject, entry.subject.services
    assert subject.profile.nature == res.NATURE_ENTERPRISE
    assert subject.profile.certificate.type == res.CERTIFICATE_TYPE_USCC
    assert list(service.domains) == ["shili.com", "shili.cn"]
    assert [access.provider for access in service.accesses] == ["tencent", "aliyun"]
    assert (service.kind, service.HasField("principal")) == (res.SERVICE_KIND_UNSPECIFIED, False)
    new = completed(subject)
    assert new.services[0].kind == res.SERVICE_KIND_WEBSITE
    assert new.services[0].principal == new.profile.principal
    assert new.profile.principal.certificate.type == res.CERTIFICATE_TYPE_RESIDENT_ID
    assert entry.as_import().key == "shili"


def test_the_samples_are_good() -> None:
    """The sample portfolio has no mistake, and two sites of one of its subjects."""
    portfolio = parse((SAMPLES / "portfolio.csv").read_bytes())
    assert not portfolio.faults
    assert not portfolio.notes
    assert [len(entry.rows) for entry in portfolio.entries] == [1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"性质": "合伙"}, "性质", "CELL_NOT_A_CHOICE"),
        ({"证件类型": "驾驶证"}, "证件类型", "CELL_NOT_A_CHOICE"),
        ({"证件号码": "9.11101E+17"}, "证件号码", "NUMBER_MANGLED"),
        ({"负责人证件号码": "1.10108E+17"}, "负责人证件号码", "NUMBER_MANGLED"),
        ({"主体ID": ""}, "主体ID", "SUBJECT_ID_INVALID"),
        ({"主体ID": "有中文"}, "主体ID", "SUBJECT_ID_INVALID"),
        ({"主办单位名称": " "}, "主办单位名称", "CELL_REQUIRED"),
        ({"负责人姓名": ""}, "负责人姓名", "CELL_REQUIRED"),
        ({"已接入": "某某云"}, "已接入", "PROVIDER_UNKNOWN"),
    ],
)
def test_a_mistake_names_row_and_column_and_no_value(change: dict[str, str], column: str, code: str) -> None:
    """A mistake is reported at its row and column, in both languages, quoting nothing; the other rows are kept."""
    other = GOOD | {"主体ID": "other"}
    portfolio = parse(table(other, GOOD | change))
    assert faults(portfolio) == [(3, column, code)]
    assert [entry.subject_id for entry in portfolio.entries] == ["other"]
    finding = portfolio.faults[0].finding
    assert finding.message_zh
    assert finding.message_en
    assert finding.suggestion
    values = [value for value in change.values() if value.strip()]
    assert not any(value in str(finding) for value in values)


@pytest.mark.parametrize("line", ['a,"b', "only,three,cells", "x" + "," * 40, 'x"y"z",' * 3, '"open'])
def test_a_broken_line_costs_itself_alone(line: str) -> None:
    """A line that is no record is named, and the lines after it are read; blank lines do not count as rows."""
    last = GOOD | {"主体ID": "last"}
    content = table(GOOD) + line.encode() + b"\r\n\r\n,,\r\n" + table(last).split(b"\r\n", 1)[1]
    portfolio = parse(content)
    assert [entry.rows for entry in portfolio.entries] == [[2], [6]]
    assert [fault.row for fault in portfolio.faults] == [3]


def test_a_cell_may_have_line_breaks() -> None:
    """A cell in quotation marks may go over several lines; rows are counted as an editor counts lines."""
    portfolio = parse(table(GOOD | {"网站名称": "示例科技\n官方网站"}, GOOD | {"主体ID": "next"}))
    assert [entry.rows for entry in portfolio.entries] == [[2], [4]]


def test_later_rows_inherit_and_may_not_contradict() -> None:
    """Rows of a subject share its cells: empty and equal ones are fine, a different one is a mistake of its row."""
    blank = {"主体ID": "shili", "网站名称": "示例二号网站", "域名": "erhao.com"}
    portfolio = parse(table(GOOD, blank, GOOD | {"域名": "san.com"}, GOOD | {"省份": "上海", "域名": "si.com"}))
    (entry,) = portfolio.entries
    assert entry.rows == [2, 3, 4]
    assert faults(portfolio) == [(5, "省份", "CONTRADICTS_ROW")]


def test_a_later_row_may_say_what_follows_anyway() -> None:
    """That the principal has a resident ID is what a silent first row means; a passport would contradict it."""
    header = [*GOOD, "负责人证件类型"]
    same, other = ({**GOOD, "域名": "b.com", "负责人证件类型": kind} for kind in ("居民身份证", "护照"))
    assert faults(parse(table(GOOD, same, header=header))) == []
    assert [code for _, _, code in faults(parse(table(GOOD, other, header=header)))] == ["CONTRADICTS_ROW"]


def test_a_bad_first_row_does_not_take_the_subject_with_it() -> None:
    """Where the first row of a subject is bad, the next good one describes it."""
    portfolio = parse(table(GOOD | {"性质": "?"}, GOOD))
    assert [entry.rows for entry in portfolio.entries] == [[3]]


def test_headers_in_english_and_unknown_ones() -> None:
    """Headers may be English keys; a column that nobody knows is named with the nearest known one, and left out."""
    keys = {column.chinese: column.key for column in COLUMNS}
    row = {keys[name]: value for name, value in GOOD.items()} | {"主办单位名": "x"}
    portfolio = parse(table(row, header=list(row)))
    assert len(portfolio.entries) == 1
    assert portfolio.notes == ["column 主办单位名 is not read; did you mean 主办单位名称?"]


def test_missing_and_repeated_columns_refuse_the_file() -> None:
    """A file without a needed column, or with one twice, is refused by its header."""
    assert faults(parse("主体ID,主体ID\r\na,b\r\n".encode()))[0] == (1, "主体ID", "COLUMN_TWICE")
    assert {code for _, _, code in faults(parse("主体ID\r\na\r\n".encode()))} == {"COLUMN_MISSING"}
    assert faults(parse(b"")) == [(0, "", "FILE_EMPTY")]
    assert faults(parse(b"\xff\x80\xff\x80\x81")) == [(0, "", "ENCODING_UNKNOWN")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_encodings_and_separators(encoding: str, separator: str) -> None:
    """A file reads the same in every encoding and with every separator that spreadsheet programs write."""
    content = table(GOOD, separator=separator).decode().encode(encoding)
    assert parse(content).entries == parse(table(GOOD)).entries


def test_findings_of_the_server_go_back_to_their_cells() -> None:
    """A finding's path leads to the row of its service and to the column that holds it."""
    portfolio = parse(table(GOOD, {"主体ID": "shili", "网站名称": "二", "域名": "b.com"}))
    (entry,) = portfolio.entries
    for path, place in {
        "profile.certificate.number": (2, "证件号码"),
        "profile.principal.mobile": (2, "负责人手机"),
        "services[1].domains[0]": (3, "域名"),
        "services[0].accesses[1].provider": (2, "已接入"),
        "profile.principal": (2, "负责人姓名"),
        "subject_id": (2, ""),
        "services[7].title": (2, "网站名称"),
    }.items():
        fault = portfolio.place(entry, blocker("X", path, "", "", ""))
        assert (fault.row, fault.column) == place


@given(
    ids=st.lists(st.sampled_from(["a", "b", "c", "坏"]), max_size=12),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_every_row_is_in_an_entry_or_a_fault(ids: list[str], encoding: str) -> None:
    """No row is lost and none is taken twice, in whatever order subjects' rows come."""
    rows = [GOOD | {"主体ID": id_, "域名": f"n{i}.com"} for i, id_ in enumerate(ids)]
    portfolio = parse(table(*rows).decode().encode(encoding))
    taken = sorted(row for entry in portfolio.entries for row in entry.rows)
    assert sorted(taken + [fault.row for fault in portfolio.faults]) == list(range(2, len(ids) + 2))
    for entry in portfolio.entries:
        assert [s.domains[0] for s in entry.subject.services] == [f"n{row - 2}.com" for row in entry.rows]


@given(st.binary(max_size=300))
def test_no_file_breaks_the_parser(content: bytes) -> None:
    """Whatever the bytes are, there is an answer and no exception."""
    portfolio = parse(content)
    assert portfolio.entries == []


@given(st.lists(st.text(max_size=20), min_size=len(GOOD), max_size=len(GOOD)))
def test_no_cells_break_the_parser(cells: list[str]) -> None:
    """Whatever stands in the cells, the good row beside them is kept."""
    row = dict(zip(GOOD, cells, strict=True)) | {"主体ID": "wild"}
    try:
        content = table(GOOD, row)
    except UnicodeEncodeError:
        return  # a lone surrogate cannot stand in a file
    assert "shili" in {entry.subject_id for entry in parse(content).entries}


@pytest.mark.parametrize(
    ("cell", "days"),
    [("2027-03-01；2027-05-01", ["2027-03-01", "2027-05-01"]), ("", [])],
)
def test_each_domain_has_its_last_day(cell: str, days: list[str]) -> None:
    """域名到期日 has one day for each domain, in their order; an empty cell says nothing of any."""
    (entry,) = parse(table({**GOOD, "域名到期日": cell}, header=["域名到期日", *GOOD])).entries
    told = entry.subject.services[0].registrations
    assert [each.expires_on for each in told] == days
    assert [each.domain for each in told] == ["shili.com", "shili.cn"][: len(days)]


def test_days_without_their_domains_are_refused() -> None:
    """One day for two domains does not say whose it is."""
    found = parse(table({**GOOD, "域名到期日": "2027-03-01"}, header=[*GOOD, "域名到期日"]))
    assert faults(found) == [(2, "域名到期日", "EXPIRY_NOT_PER_DOMAIN")]
    entry = parse(table({**GOOD, "域名到期日": "2027-3-1；"}, header=[*GOOD, "域名到期日"]))
    assert [code for _, _, code in faults(entry)] == ["EXPIRY_NOT_PER_DOMAIN"]
