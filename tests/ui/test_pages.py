"""A real browser clicks through every page: nothing breaks, nothing leaves this machine, no caller's text runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.running import ASK, CODE, TRACE_ID, TRACEPARENT, A, B, C, Running, mission_text, question, running

from .browser import Browser, browsing

PAGES = ("overview", "models", "routes", "requests", "playground", "configuration")
HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>\x1b[31m\u202e"
TOKEN = "admin-token-0123456789"
ESCAPE, ENTER = "\ue00c", "\ue007"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with browsing() as one:
        yield one


@pytest.fixture(scope="module")
def busy() -> Iterator[Running]:
    """A gateway that answered: with a fallback, an error, a stream, and names that mean harm."""
    with running() as gateway:
        gateway.mock.script(A.partition("/")[2], ["500"])
        gateway.chat(question(), {"traceparent": TRACEPARENT})
        gateway.chat(question(stream=True, stream_options={"include_usage": True}))
        gateway.chat(b"{")
        gateway.chat(question(model=HOSTILE))
        gateway.chat(question(model="x" * 1_000_000))
        gateway.classifier.answers = {HOSTILE: HOSTILE}
        route = {"name": HOSTILE, "description": "d", "models": [B]}
        asked = [{"role": "user", "content": HOSTILE}]
        gateway.chat(question(messages=asked, routing_preferences=[route]), {"x-request-id": "<b>bold</b>"})
        yield gateway


def page(gateway: Running, name: str = "overview") -> str:
    """The address of a page."""
    return f"http://127.0.0.1:{gateway.app.admin.port}/ui/#/{name}"


def at(browser: Browser, gateway: Running, name: str) -> Browser:
    """The browser on a page that shows what is known, with nothing left of the page before."""
    browser.look()
    browser.open(page(gateway, name))
    browser.until("document.querySelector('.pulse .dot.ok') && document.querySelector('main h1')")
    browser.errors()
    return browser


@pytest.mark.parametrize("width", [1280, 780, 390])
@pytest.mark.parametrize("name", ["models", "routes"])
def test_names_can_be_read_at_every_width(browser: Browser, busy: Running, name: str, width: int) -> None:
    """Where a table is wider than the window it scrolls; its names are not broken into columns of letters."""
    browser.look(width=width)
    browser.open(f"{page(busy)}#/{name}")
    browser.until("document.querySelector('td.name')")
    assert browser.run("return document.querySelector('td.name').getBoundingClientRect().width") >= 148


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page(browser: Browser, busy: Running, scheme: str, width: int) -> None:
    """Opens without an error, asks this listener alone, runs nothing a caller sent, and needs no sideways scrolling."""
    browser.look(width=width, scheme=scheme)
    browser.asked_for()
    browser.open(page(busy))
    browser.until("document.querySelector('.pulse .dot.ok')")
    for name in PAGES:
        browser.go(f"#/{name}")
        browser.until(f"document.querySelector('nav [aria-current=page]')?.dataset.page === '{name}'")
        browser.until("document.querySelector('main h1') && document.querySelector('main').innerText.length > 100")
        assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth"), name
        assert browser.run("return document.title").endswith("Plano"), name
        assert browser.run("return document.querySelectorAll('main img, main script, main b.hostile').length") == 0
    assert browser.errors() == []
    own = f"http://127.0.0.1:{busy.app.admin.port}/"
    assert [url for url in browser.asked_for() if not url.startswith(own)] == []


def test_names_of_callers_are_shown_escaped(browser: Browser, busy: Running) -> None:
    """Markup as text, control marks by number, a megabyte cut."""
    shown = at(browser, busy, "requests")
    shown.until("document.querySelectorAll('tbody tr').length === 6")
    assert "<script>document.title='broken'</script>\\u001b[31m\\u202e" in shown.text
    assert "x" * 300 not in shown.text
    assert shown.run("return document.title") == "Requests · Plano"
    assert shown.run("return document.querySelectorAll('main img, main script').length") == 0


def test_one_request(browser: Browser, busy: Running) -> None:
    """Its row opens it, by mouse and keyboard: decision, every attempt, trace; Escape goes back to the row."""
    shown = at(browser, busy, "requests")
    row = "tr[aria-label*='" + TRACE_ID + "']"
    shown.click(row)
    shown.until("document.querySelector('#drawer:not([hidden]) .waterfall')")
    drawer = str(shown.run("return document.getElementById('drawer').innerText"))
    assert all(said in drawer for said in (CODE, A, B, TRACE_ID, "Handing over", "500"))
    assert ASK not in drawer
    shown.type(ESCAPE)
    shown.until("document.getElementById('drawer').hidden")
    shown.until(f'document.activeElement.matches("{row}")')
    shown.type(ENTER)
    shown.until("document.querySelector('#drawer:not([hidden]) .waterfall')")
    assert shown.errors() == []


def test_why(browser: Browser) -> None:
    """Who decided the route, and why in this order: the sentences that callers are told. A session says what it did."""
    with running() as gateway:
        gateway.chat(question(), {"traceparent": TRACEPARENT, "x-plano-routing": "off"})
        for _ in range(2):
            last = gateway.chat(question(), {"x-model-affinity": "s"})
        shown = at(browser, gateway, f"requests/{TRACE_ID}")
        shown.until("document.querySelector('#drawer:not([hidden]) .waterfall')")
        assert "The router was not asked: the caller switched routing off." in shown.text
        assert "No route matched: the request's own model is the only candidate." in shown.text
        shown.go(f"#/requests/{last.headers['traceparent'].split('-')[1]}")
        shown.until(f"document.body.innerText.includes('The session was with {A}, ')")
        assert "The session stays with the first, the router was not asked; then the order in which" in shown.text
        assert shown.errors() == []


def test_the_least_clear(browser: Browser) -> None:
    """A text that was routed many times stands there once."""
    with running() as gateway:
        for text in ("one", "two", "two"):
            gateway.classifier.answers = {text: CODE}
            gateway.decide(question(messages=[{"role": "user", "content": text}]))
        shown = at(browser, gateway, "routes")
        shown.until("document.body.innerText.includes('Least clear')")
        shown.until("document.querySelectorAll('section:last-of-type tbody tr').length === 2")


def test_filters(browser: Browser, busy: Running) -> None:
    """Words narrow the list, / reaches the field, failed only leaves the failed ones."""
    shown = at(browser, busy, "requests")
    shown.until("document.querySelectorAll('tbody tr').length === 6")
    shown.type("/")
    shown.until("document.activeElement.type === 'search'")
    shown.type("invalid_json")
    shown.until("document.querySelectorAll('tbody tr').length === 1")
    shown.type("nothing")
    shown.until("document.body.innerText.includes('Nothing matches')")
    shown.open(page(busy, "requests"))
    shown.until("document.querySelectorAll('tbody tr').length === 6")
    shown.click(".tools button.toggle")
    shown.until("document.querySelectorAll('tbody tr').length === 3")


def test_live(browser: Browser, busy: Running) -> None:
    """A request appears while the page is open."""
    with running() as gateway:
        shown = at(browser, gateway, "requests")
        assert "No requests yet" in shown.text
        gateway.chat(question())
        shown.until("document.querySelectorAll('tbody tr').length === 1")
        assert shown.errors() == []


def test_a_model(browser: Browser, busy: Running) -> None:
    """Its row opens its last hour and its failures."""
    shown = at(browser, busy, "models")
    shown.click(f"tr[data-key='{A}']")
    shown.until("document.querySelector('.charts.two .uplot')")
    shown.until("document.body.innerText.includes('Last failed attempts')")
    assert shown.errors() == []


def test_the_playground(browser: Browser, busy: Running) -> None:
    """Deciding shows scores and ranking and calls no model; running shows the answers side by side."""
    shown = at(browser, busy, "playground")
    busy.mock.scripts.clear()
    called = len(busy.sent_models)
    shown.click(".form button.primary")
    shown.until("document.querySelectorAll('.result .score').length === 2")
    assert len(busy.sent_models) == called
    shown.click(".pick:nth-of-type(2) input")
    shown.until("document.querySelector('.picks + .actions button').textContent === 'Run on 2 models'")
    shown.click(".picks + .actions button")
    shown.until("document.querySelectorAll('.answer a').length === 2")
    assert shown.run("return document.querySelectorAll('.answer .text pre').length") == 2
    assert len(busy.sent_models) == called + 2
    shown.click(".picks summary")
    shown.click(".picks details .pick input")
    shown.until("document.querySelector('.picks + .actions button').textContent === 'Run on 3 models'")
    shown.click(".picks + .actions button")
    shown.until("document.querySelectorAll('.answer a').length === 3")
    assert sorted(busy.sent_models[-3:]) == sorted(name.partition("/")[2] for name in (A, B, C))
    assert shown.errors() == []


def test_preferences_that_are_none(browser: Browser, busy: Running) -> None:
    """A mistake in them is said beside the button."""
    shown = at(browser, busy, "playground")
    shown.run("document.getElementById('preferences').value = '{'")
    shown.click(".form button.primary")
    shown.until("document.querySelector('.error').innerText.includes('not JSON')")
    shown.run("document.getElementById('preferences').value = '[{\"name\": \"x\"}]'")
    shown.click(".form button.primary")
    shown.until("document.querySelector('.error').innerText.includes('routing_preferences[0]')")


def test_the_configuration(browser: Browser, busy: Running) -> None:
    """Values with their origin, and how to connect; no key."""
    shown = at(browser, busy, "configuration")
    shown.until("document.body.innerText.includes('plano.yaml:4')")
    assert busy.url in shown.text
    assert "sk-test" not in shown.run("return document.documentElement.outerHTML")


def test_every_number_is_explained(browser: Browser, busy: Running) -> None:
    """Tiles and heads of tables say how they were computed, to the keyboard as well."""
    for name in ("overview", "models", "routes", "requests", "configuration"):
        shown = at(browser, busy, name)
        shown.until("document.querySelector('main th')")
        silent = "[...document.querySelectorAll('main .tile, main th')].filter((e) => !e.dataset.tip || e.tabIndex < 0)"
        assert shown.run(f"return {silent}.map((e) => e.innerText)") == []
    shown.run("document.querySelector('th').focus()")
    shown.until("!document.getElementById('tip').hidden")


@pytest.mark.parametrize(
    ("name", "focused", "part"),
    [
        ("overview", ".tile:nth-child(3)", ".tiles"),
        ("overview", ".flush th:nth-child(2)", "section.flush"),
        ("routes", ".charts .card:nth-child(2) h2", ".charts"),
    ],
)
def test_the_focus_stays(browser: Browser, name: str, focused: str, part: str) -> None:
    """Where numbers change: whoever walks by keyboard used to be thrown back to the beginning twice a second."""
    with running() as gateway:
        gateway.chat(question())
        shown = at(browser, gateway, name)
        shown.until(f"document.querySelector('{focused}')")
        shown.run(f"document.querySelector('{focused}').focus()")
        said = shown.run("return document.activeElement.textContent.slice(0, 6)")
        before = shown.run(f"return document.querySelector('{part}').dataset.seen")
        gateway.chat(question(stream=True))
        shown.until(f"document.querySelector('{part}').dataset.seen !== {json.dumps(before)}")
        assert shown.run("return document.activeElement.textContent.slice(0, 6)") == said
        assert shown.run(f"return document.activeElement.matches('{focused}')")


def test_fields_have_names(browser: Browser, busy: Running) -> None:
    """Every field and button says what it is to those who cannot see it."""
    for name in PAGES:
        shown = at(browser, busy, name)
        nameless = (
            "[...document.querySelectorAll('input, select, textarea, button')].filter((e) => "
            "!e.labels?.length && !e.ariaLabel && !e.textContent.trim()).length"
        )
        assert shown.run(f"return {nameless}") == 0, name


def test_the_token(browser: Browser) -> None:
    """Where one is asked for, the page asks for it, and then shows what it protects."""
    with running(f"{mission_text()}\nadmin: {{token: {TOKEN}}}\n") as gateway:
        browser.look()
        browser.open(page(gateway))
        browser.until("document.activeElement.id === 'token'")
        browser.type(TOKEN + ENTER)
        browser.until("document.querySelector('.pulse .dot.ok') && document.querySelector('.tile')")
        browser.run("sessionStorage.clear()")


def test_a_gateway_that_ends(browser: Browser) -> None:
    """The page says that it lost it, and does not show old numbers as new."""
    with running() as gateway:
        at(browser, gateway, "overview")
    browser.until("document.querySelector('.pulse').innerText.includes('not connected')")
    browser.until("document.querySelector('.pulse').innerText.includes('shown as of')")


NUMBERS = {
    "seconds(0)": "0 ms",
    "seconds(0.0013)": "1.30 ms",
    "seconds(0.05)": "50.0 ms",
    "seconds(0.5)": "500 ms",
    "seconds(1.3)": "1.30 s",
    "seconds(12)": "12.0 s",
    "seconds(200)": "3 min",
    "seconds(null)": "?",
    "usd(0.0003)": "$0.00030",
    "usd(0.0000345)": "$0.000034",
    "usd(1.5)": "$1.50",
    "usd(0)": "$0",
    "usd(null)": "?",
    "amount(5.2)": "5.20",
    "amount(0.031)": "0.031",
    "percent(0.04)": "4.0 %",
    "percent(1)": "100 %",
    "percent(null)": "?",
    "bytes(3000)": "3.0 kB",
    "score(0.0001)": "<0.001",
    "score(0)": "0.000",
    "short('1.50 s')": "1.5 s",
    "short('$0.010')": "$0.01",
    "short('25.0')": "25",
    "short('100 ms')": "100 ms",
    "clock(null)": "?",
    "score(undefined)": "?",
}


def test_numbers(browser: Browser, busy: Running) -> None:
    """As many digits for the same size, so that columns line up; unknown is no number; axes are short."""
    shown = at(browser, busy, "overview")
    shown.run("import('./format.js').then((all) => Object.assign(window, all, { isThere: true }))")
    shown.until("window.isThere")
    assert {asked: shown.run(f"return {asked}") for asked in NUMBERS} == NUMBERS


def test_moments(browser: Browser, busy: Running) -> None:
    """Of today without a date; of another day with it: the last thousand requests may be of a week."""
    shown = at(browser, busy, "overview")
    shown.run("import('./format.js').then((all) => Object.assign(window, all, { isThere: true }))")
    shown.until("window.isThere")
    assert len(shown.run("return clock(Date.now() / 1000)")) == len("15:04:05")
    assert shown.run("return clock(new Date(2001, 1, 3, 4, 5, 6) / 1000)") == "3 Feb 04:05:06"


def test_what_charts_leave_out(browser: Browser, busy: Running) -> None:
    """The time before the gateway began, when nobody counted, and the ten seconds that are not over: neither is a 0."""
    shown = at(browser, busy, "overview")
    shown.run("import('./charts.js').then((all) => Object.assign(window, all))")
    shown.run("import('./live.js').then((all) => { window.live = all.known; })")
    shown.until("window.gridded && window.live")
    columns = shown.run(
        "live.state = { at: 10_004, uptime_s: 60 };"
        "const series = { stretch_s: 10, at: [9_950, 9_970, 10_000], requests: [7, 5, 1] };"
        "return gridded(series, [{ column: 'requests' }, { column: 'requests', gaps: true }])"
    )
    at_, counts, gaps = columns
    assert (at_[0], at_[-1]) == (9_400, 9_990)
    assert counts == [None] * 54 + [0, 7, 0, 5, 0, 0]
    assert [each for each in gaps if each is not None] == [7, 5]
    first = "return gridded({ stretch_s: 10, at: [10_000], requests: [1] }, [{ column: 'requests' }])[1].at(-1)"
    assert shown.run(f"live.state = {{ at: 10_004, uptime_s: 60 }}; {first}") == 1


def test_warnings_of_the_configuration(browser: Browser) -> None:
    """Line by line as the command line shows them, with the place in the file."""
    with running(mission_text() + "    selection_policy: {prefer: cheapest}\n") as gateway:
        shown = at(browser, gateway, "configuration")
        shown.until("document.querySelector('.warning')")
        lines = shown.run("return document.querySelector('.warning').innerText.split('\\n')")
        assert lines[0].startswith("warning[PL-C071]")
        assert any(line.strip().startswith("--> plano.yaml:") for line in lines)
        assert "u000a" not in shown.text


def test_a_decision_is_no_answer(browser: Browser) -> None:
    """Where no model was called the row says so, instead of leaving tokens and cost to be wondered at."""
    with running() as gateway:
        gateway.decide(question())
        shown = at(browser, gateway, "requests")
        shown.until("document.querySelectorAll('tbody tr').length === 1")
        assert shown.run("return document.querySelector('tbody .chip').innerText") == "decision"


def test_a_route_that_nobody_wanted(browser: Browser) -> None:
    """Of no decisions a share is unknown; once there are any, that of a route without one is 0 %."""
    cells = "[...document.querySelectorAll('tbody .with-bar')].map((each) => each.textContent).sort().join()"
    with running() as gateway:
        assert at(browser, gateway, "routes").until(cells) == "?,?"
        gateway.decide(question())
        browser.until(f"{cells} === '0 %,100 %'")
