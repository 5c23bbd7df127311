"""A passkey from its making to the sign-in, in a real browser with an authenticator inside it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser
from served import served

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_first_run_then_a_passkey_then_signed_in_by_it(browser: Browser, tmp_path: Path) -> None:
    """From the link that `millpond serve` prints, at the address it prints: a passkey can belong to it."""
    with served(tmp_path) as node:
        context = browser.new_context(locale="en-GB", viewport={"width": 360, "height": 780})
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        page.goto(node.said[0].removeprefix("Set it up: "))
        form = page.locator("form#setup")
        slug = form.locator("[name=slug]")
        fits = "(one, value) => (one.value = value, one.checkValidity())"
        assert [slug.evaluate(fits, value) for value in ("a-b", "A b", "-ab", "pond")] == [
            True,
            False,
            False,
            True,
        ]
        for name, value in {"name": "Pond", "owner": "Li", "passphrase": "the mill by the pond"}.items():
            form.locator(f"[name={name}]").fill(value)
        form.get_by_role("button", name="Start").click()
        page.wait_for_url("**/pond/desk")
        page.goto(f"{node.url}/pond/desk/me")
        with page.expect_navigation():
            page.get_by_role("button", name="Add a passkey of this device").click()
        assert page.get_by_role("button", name="Remove").count() == 1
        assert page.locator("main li").inner_text().startswith("Linux "), (
            "named by the device, not by the day"
        )
        assert said == []
        context.clear_cookies()
        page.goto(f"{node.url}/pond/sign-in")
        assert page.locator("form [autocomplete=username]").count() == 1, "for who keeps passphrases"
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/pond/desk")
        page.goto(f"{node.url}/pond/desk/me")
        page.get_by_role("button", name="Remove").click()
        context.clear_cookies()
        page.goto(f"{node.url}/pond/sign-in")
        page.get_by_role("button", name="Use a passkey").click()
        page.locator("#passkey-problem").wait_for(state="visible")
        assert page.url.endswith("/pond/sign-in")
        context.close()
