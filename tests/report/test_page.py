"""The page in a real browser: phone, dark, paper, without scripts or network, with hostile names."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from millpond.report import report

LANGUAGES = ("zh", "en")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SECTIONS = 9

WIDER_THAN_THE_PAGE = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll("article *")].filter(element => {
    const box = element.getBoundingClientRect();
    const seen = box.width && getComputedStyle(element.closest("thead") || element).clipPath === "none";
    return seen && (box.right > width + 0.5 || box.left < -0.5);
  });
  const all = document.documentElement.scrollWidth;
  return wide.map(element => element.outerHTML.slice(0, 80)).concat(all > width ? ["the page: " + all] : []);
}"""

CUT_OFF = """() => [...document.querySelectorAll("article *")].filter(element =>
  element.clientWidth && element.scrollWidth > element.clientWidth + 1 && !element.closest("thead, svg")
).map(element => element.outerHTML.slice(0, 80))"""

LETTERS_OF_CHARTS = """() => [...document.querySelectorAll("article figure > svg text")].map(text => {
  const box = text.getBoundingClientRect(), chart = text.closest("svg").getBoundingClientRect();
  const size = parseFloat(getComputedStyle(text).fontSize) * chart.width / 340;
  return [text.textContent, size, box.left - chart.left, chart.right - box.right, box.width];
}).filter(row => row.pop() > 0)"""

INK_OF = """text => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 48, height: 48});
  const context = canvas.getContext("2d");
  context.font = "40px " + getComputedStyle(document.body).fontFamily;
  context.fillText(text, 4, 40);
  return [...context.getImageData(0, 0, 48, 48).data].filter((_, index) => index % 4 == 3).join();
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("name", ["generated-1", "must-serve", "empty"])
def test_nothing_is_wider_than_the_page(reports, opened, name, width, language):
    with opened(reports(name), width, language) as page:
        assert page.evaluate(WIDER_THAN_THE_PAGE) == []
        assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_in_charts_stay_legible_and_inside(reports, opened, language):
    """On a phone no letter of a chart is under 10 pixels, and none leaves its chart."""
    with opened(reports("generated-1"), 360, language) as page:
        texts = page.evaluate(LETTERS_OF_CHARTS)
    assert_letters(texts)


def assert_letters(texts):
    assert len(texts) > 40
    for text, size, left, right in texts:
        assert size >= 10, text
        assert left >= -0.5, text
        assert right >= -0.5, text


def test_chinese_is_drawn_with_real_glyphs(reports, opened):
    """A font without them would draw the same empty box for every character."""
    with opened(reports("generated-3")) as page:
        inks = [page.evaluate(INK_OF, character) for character in "平塘村镇 "]
    assert len(set(inks)) == len(inks)
    assert all("255" in ink for ink in inks[:-1])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1200, "dark")])
def test_no_violation_of_wcag(reports, opened, scheme, language, width):
    with opened(reports("generated-1"), width, language, color_scheme=scheme) as page:
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert "color-contrast" in {rule["id"] for rule in found.response["passes"]}
        assert found.violations_count == 0, found.generate_report()


def test_it_asks_nothing_of_the_network(reports, opened):
    html = reports("generated-3")
    assert re.findall(r"<(?:script|link|iframe|object|embed|img|base)\b|https?:|@import|url\(", html) == []
    asked = []
    with opened(html, offline=True) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.reload()
        assert page.locator("h2:visible").count() == SECTIONS
    assert len(asked) == 1
    assert asked[0].startswith("file:")


def test_languages_switch_without_scripts(reports, opened):
    html = reports("generated-3")
    shown = {}
    for language in LANGUAGES:
        with opened(html, language=language, scripts=False) as page:
            assert page.locator("article:visible").count() == 1
            assert page.locator("article:visible").get_attribute("lang") == language
            shown[language] = page.locator("article:visible h2").all_inner_texts()
    assert shown["zh"][0] == "谁买到了，谁没买到"
    assert shown["en"][0] == "Who was served, and who was not"
    assert len(shown["zh"]) == len(shown["en"]) == SECTIONS


def test_languages_switch_from_the_keyboard(reports, opened):
    with opened(reports("generated-3")) as page:
        page.reload()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        assert page.locator("article:visible").get_attribute("lang") == "en"


def test_the_order_of_what_is_said(reports, opened):
    """First who was served and who was not, then prices, and so on."""
    wanted = ["谁买到了", "价格", "谁做的", "平等", "好处", "付了多少", "更好", "假设", "说不了"]
    with opened(reports("generated-3")) as page:
        heads = page.locator("article:visible h2").all_inner_texts()
    assert len(heads) == len(wanted)
    for head, word in zip(heads, wanted, strict=True):
        assert word in head


@pytest.mark.parametrize("name", ["generated-1", "generated-3"])
def test_every_chart_has_a_name_a_sentence_and_a_table(reports, opened, name):
    with opened(reports(name)) as page:
        figures = page.locator("article:visible figure")
        assert figures.count() >= 7
        for figure in figures.all():
            assert figure.locator("svg[role=img][aria-label]").count() == 1
            assert len(figure.locator("figcaption").inner_text()) > 8
            assert figure.locator("xpath=ancestor::section//table").count() >= 1
        ids = page.locator("[id]").evaluate_all("found => found.map(element => element.id)")
        assert len(ids) == len(set(ids))


def test_colours_of_charts_follow_the_page(reports, opened):
    """No letter of a chart keeps the colour it was drawn in where the page is dark."""
    inks = {}
    for scheme in ("light", "dark"):
        with opened(reports("generated-3"), color_scheme=scheme) as page:
            texts = page.locator("article:visible figure > svg text")
            inks[scheme] = set(texts.evaluate_all("all => all.map(text => getComputedStyle(text).fill)"))
    assert inks["light"].isdisjoint(inks["dark"])


def test_on_paper(reports, opened):
    with opened(reports("generated-3")) as page:
        page.emulate_media(media="print", color_scheme="dark")
        assert page.locator("label:visible").count() == 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 4


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "</style></svg></article><h1>gone",
    "{{ 7 * 7 }} {% raw %} {0} %s",
    "𠀀" * 66,
    "W" * 200,
    "\u202eevil\u0000\u0007 \u2066name",
    "]]>&amp;&#60;b&gt;",
]


NAMED = {"id", "maker", "place", "item", "family", "demand", "offer"}


def hostile(says):
    """Makes every id of the file one of the hostile texts with a number, and so every name."""
    names = {}

    def name_of(id):
        tail = f" {len(names)}"
        start = HOSTILE[len(names) % len(HOSTILE)].encode()[: 200 - len(tail)].decode(errors="ignore")
        return names.setdefault(id, start + tail)

    def renamed(value, key=""):
        if isinstance(value, dict):
            return {inner: renamed(kept, inner) for inner, kept in value.items()}
        if isinstance(value, list):
            return [renamed(kept, key) for kept in value]
        return name_of(value) if key in NAMED else value

    says["round"], says["awards"] = renamed(says["round"]), renamed(says["awards"])
    for number, row in enumerate([*says["round"]["places"], *says["round"]["items"]]):
        row["name"] = {"zh": HOSTILE[number % len(HOSTILE)]}


@pytest.fixture(scope="module")
def hostile_report(golden):
    texts = {"zh": HOSTILE, "en": HOSTILE}
    return report(*golden("generated-3", hostile), seconds=3, assumptions=texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_stay_text(hostile_report, opened, language):
    said = []
    with opened(hostile_report, 360, language) as page:
        page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
        page.reload()
        assert page.locator("script, img, b:has-text('gt')").count() == 0
        assert page.locator("h1").count() == 2
        assert page.locator("article").count() == 2
        text = page.locator("main").inner_text()
        assert "<script>alert(1)</script>" in text
        assert "{{ 7 * 7 }}" in text
        assert page.evaluate(WIDER_THAN_THE_PAGE) == []
    assert said == []
    assert not set("\u0000\u0007\u202e\u2066") & set(hostile_report)


def test_long_names_stay_inside_charts(hostile_report, opened):
    with opened(hostile_report, 360) as page:
        assert_letters(page.evaluate(LETTERS_OF_CHARTS))
