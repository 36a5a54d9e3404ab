"""That the other browser tests would notice a screen that asks another host, breaks the policy or fails in a script."""

from tests.browser.conftest import Screens
from tests.browser.proxy import Network
from tests.browser.server import Clinic, until


def test_a_screen_that_asks_another_host_is_caught(screens: Screens, clinic: Clinic) -> None:
    elsewhere = Network(clinic.port)
    try:
        tv = screens.tv(clinic)
        assert screens.wrong == []
        tv.goto(elsewhere.url + "/display")
        assert any("left the clinic" in wrong for wrong in screens.wrong)
        tv.close()
        screens.wrong.clear()
    finally:
        elsewhere.close()


def test_a_screen_that_breaks_the_policy_or_a_script_is_caught(screens: Screens, clinic: Clinic) -> None:
    tv = screens.tv(clinic)
    tv.evaluate("""() => {
        document.head.append(Object.assign(document.createElement("script"), {textContent: "window.bad = 1"}));
        setTimeout(() => { throw new Error("a fault of ours"); });
    }""")

    def caught(words: str) -> bool:
        tv.evaluate("1")  # lets what the browser reports come in
        return any(words in wrong for wrong in screens.wrong)

    until(lambda: caught("content security policy"), 3, "The policy is watched")
    until(lambda: caught("a fault of ours"), 3, "Scripts are watched")
    assert tv.evaluate("window.bad") is None
    screens.wrong.clear()
