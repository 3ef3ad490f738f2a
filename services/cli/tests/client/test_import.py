"""Importing a portfolio again: what the file says, and what it is silent about."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from beianhub_sdk.testing.samples import uscc

from .conftest import SAMPLES, Command


def test_a_renewed_domain_is_told_by_itself(beianhub: Command) -> None:
    """Its last day, and what is known of its holder; a domain that the subject has not is named with those it has."""
    told = beianhub.ok(
        "subject", "domain", "yanshi-wangluo", "yanshi-wangluo.com", "--expires", "2099-05-01", "--real-name"
    )
    assert (told["expires_on"], told["real_name_verified"]) == ("2099-05-01", True)
    assert "holder_matches" not in {key for key, value in told.items() if value is not None}
    assert "2099-05-01" in beianhub.run("subject", "get", "yanshi-wangluo").stdout
    error = beianhub.fails(4, "subject", "domain", "yanshi-wangluo", "other.com", "--expires", "2099-05-01")
    assert error["reason"] == "SERVICE_NOT_FOUND"


def columns(text: str, *kept: str) -> str:
    """The file with only these columns."""
    rows = list(csv.DictReader(io.StringIO(text)))
    made = io.StringIO()
    writer = csv.DictWriter(made, kept, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


def test_an_import_leaves_alone_what_the_file_is_silent_about(beianhub: Command, tmp_path: Path) -> None:
    """Another site principal, another kind of ID and a domain's last day stay, where the column is missing or the cell
    is empty; nothing differs, and with --update nothing changes.
    """
    file = tmp_path / "whole.csv"
    header = (SAMPLES / "portfolio.csv").read_text("utf-8-sig").splitlines()[0]
    row = (
        f"沉默客户,chenmo,沉默示例有限公司,企业,北京,北京市,统一社会信用代码,{uscc(7001)},海淀区示例路9号,张示例,E12345678,"
        "13800000091,13900000091,a@chenmo.com,沉默示例网站,chenmo.com,王示例,110108199011030129,13800000092,,,,护照,2099-05-01"
    )
    whole = f"{header},负责人证件类型,域名到期日\n{row}\n"
    file.write_text(whole, "utf-8")
    beianhub.ok("subject", "import", str(file))
    before = beianhub.ok("subject", "get", "chenmo")
    required = ("主体ID", "主办单位名称", "性质", "省份", "证件类型", "证件号码", "负责人姓名", "域名")
    silent = columns(whole, *required, "网站名称")
    emptied = whole.replace("王示例,110108199011030129,13800000092", ",,").replace("护照,2099-05-01", ",")
    assert emptied.count(",,") > whole.count(",,")
    for text in (silent, emptied):
        file.write_text(text, "utf-8")
        for options in (["--dry-run"], ["--update"]):
            report = beianhub.ok("subject", "import", str(file), *options)
            assert (len(report["unchanged"]), report["differences"]) == (1, [])
    assert beianhub.ok("subject", "get", "chenmo") == before
    service = before["services"][0]
    assert service["principal"]["full_name"] != before["profile"]["principal"]["full_name"]
    assert service["registrations"][0]["expires_on"] == "2099-05-01"
    assert before["profile"]["principal"]["certificate"]["type"] == "CERTIFICATE_TYPE_PASSPORT"
