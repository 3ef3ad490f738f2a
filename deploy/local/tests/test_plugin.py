"""The pytest plugin, in runs of its own."""

import pytest


def test_the_summary_names_the_servers_that_were_used(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that used PostgreSQL names its version, and not Kafka, which it did not start."""
    monkeypatch.delenv("BEIANHUB_TEST_POSTGRESQL", raising=False)
    pytester.makepyfile("def test_it(postgresql_url): assert postgresql_url.startswith('postgresql+psycopg:')")
    result = pytester.runpytest_subprocess("-p", "beianhub_local.pytest_plugin")
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r".* servers .*", r"PostgreSQL 18\.\d+"])
    result.stdout.no_fnmatch_line("Apache Kafka*")


def test_servers_of_the_environment_are_used(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, kafka_server: str, postgresql_server: str
) -> None:
    """With both variables set nothing is started, and the summary says where the servers are."""
    monkeypatch.setenv("BEIANHUB_TEST_KAFKA", kafka_server)
    monkeypatch.setenv("BEIANHUB_TEST_POSTGRESQL", postgresql_server)
    pytester.makepyfile(
        f"def test_it(kafka_server, postgresql_server):\n"
        f"    assert (kafka_server, postgresql_server) == {(kafka_server, postgresql_server)!r}"
    )
    result = pytester.runpytest_subprocess("-p", "beianhub_local.pytest_plugin")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"Apache Kafka 4.* at {kafka_server}", "PostgreSQL * of BEIANHUB_TEST_POSTGRESQL"])


def test_a_server_that_is_not_there_fails_the_test(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a skip: the error names the remedy."""
    monkeypatch.delenv("BEIANHUB_TEST_KAFKA", raising=False)
    monkeypatch.setenv("BEIANHUB_LOCAL_MAVEN", "http://127.0.0.1:1/maven2")
    monkeypatch.setenv("BEIANHUB_LOCAL_CACHE", str(pytester.path / "cache"))
    pytester.makepyfile("def test_it(kafka_server): pass")
    result = pytester.runpytest_subprocess("-p", "beianhub_local.pytest_plugin")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*BEIANHUB_TEST_KAFKA=host:port*"])
