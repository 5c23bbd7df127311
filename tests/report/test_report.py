"""The report as a whole: what it refuses, that it is the same again, that it says what the clearing says."""

import re
from dataclasses import replace

import pytest
from commands import millpond, refused

from millpond import clear
from millpond.errors import InputError
from millpond.model import Round, encode_clearing, encode_round, read_round
from millpond.report import report, write_report
from millpond.report.wording import Words


def words_of(html, language):
    """The text of one language, without markup."""
    article = html.split(f'<article lang="{language}">')[1].split("</article>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", article))


def test_a_clearing_of_another_round_is_refused(golden):
    round, clearing = golden("one-price")
    with pytest.raises(InputError, match="a clearing of another round"):
        report(round, replace(clearing, round_sha256="0" * 64), seconds=0)


def test_a_bill_that_does_not_follow_is_refused(golden):
    round, clearing = golden("one-price")
    first, *others = clearing.bills
    forged = replace(clearing, bills=(replace(first, amount=first.amount + 1), *others))
    with pytest.raises(InputError, match="does not follow from the round"):
        report(round, forged, seconds=0)


def test_the_same_again(golden):
    round, clearing = golden("one-price")
    assert report(round, clearing, seconds=20) == report(round, clearing, seconds=20)


def test_it_says_what_the_clearing_says(golden, reports):
    round, clearing = golden("one-price")
    for language in ("zh", "en"):
        text, w = words_of(reports("one-price"), language), Words(language, round)
        (price,) = {row.price for row in clearing.prices}
        freight = sum(run.freight for run in clearing.runs)
        for said in (w.money(price), w.money(freight), *(w.number(run.quantity) for run in clearing.runs)):
            assert said.replace("\u00a0", " ") in text


def test_reasons_are_said_in_words(reports):
    text = words_of(reports("generated-3"), "zh")
    assert "没人送到" in text
    assert "产能不够" in text
    assert "这一轮没有附带假设说明" not in text
    assert "这一页没有附带假设说明" in text


def test_assumptions_are_shown_in_each_language(golden):
    round, clearing = golden("rounding")
    html = report(round, clearing, seconds=1, assumptions={"zh": ["阶梯是编的"], "en": ["Tiers are made up"]})
    assert "阶梯是编的" in words_of(html, "zh")
    assert "Tiers are made up" in words_of(html, "en")
    html = report(round, clearing, seconds=1, assumptions={"en": ["Tiers are made up"]})
    assert "Tiers are made up" in words_of(html, "zh")


DEGENERATE = ["empty", "must-serve", "short", "short-free", "rounding", "family", "two-makers"]


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_rounds_have_reports(reports, name):
    for language in ("zh", "en"):
        text = words_of(reports(name), language)
        assert not re.search(r"\bnan\b|\binf\b|None|Undefined|Fraction|[{}]", text)


def test_where_nobody_wants_the_same_there_is_an_index(sparse):
    """Every good is at 100 in the network, being wanted at one place alone; it costs more than that alone."""
    html = report(*sparse, seconds=2)
    zh, en = words_of(html, "zh"), words_of(html, "en")
    assert "每样货只和自己比" in zh
    assert "each good is compared with itself alone" in en
    assert "全网一起拼 100.0" in zh
    assert "100.0 in the whole network" in en


def test_a_round_without_anything(tmp_path):
    round = Round(id="r", currency="CNY", items=(), places=(), demand=(), offers=())
    path = tmp_path / "report.html"
    write_report(round, clear(round, seconds=1), path, seconds=1)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


@pytest.fixture
def files(golden, tmp_path):
    round, clearing = golden("one-price")
    round_path, clearing_path = tmp_path / "round.json", tmp_path / "clearing.json"
    data = encode_round(round)
    round_path.write_bytes(data)
    clearing_path.write_bytes(encode_clearing(replace(clearing, round_sha256=read_round(data).sha256)))
    return round_path, clearing_path, tmp_path / "report.html"


def test_the_command_writes_the_page(files):
    round_path, clearing_path, output = files
    done = millpond("report", round_path, clearing_path, "-o", output, "--seconds", 2)
    assert done.returncode == 0, done
    assert done.stdout == f"Written to {output}\n"
    assert "同样的东西" in output.read_text(encoding="utf-8")


def test_the_command_refuses_what_is_no_clearing(files):
    round_path, clearing_path, output = files
    clearing_path.write_text("{}")
    assert "clearing.json" in refused(millpond("report", round_path, clearing_path, "-o", output))
    assert not output.exists()


def test_the_command_needs_somewhere_to_write(files):
    round_path, clearing_path, output = files
    assert "cannot write" in refused(millpond("report", round_path, clearing_path, "-o", output.parent))
