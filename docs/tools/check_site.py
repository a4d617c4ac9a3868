#!/usr/bin/env python3
"""Checks the site as a reader meets it, from files, without a network.

    check_site.py build/docs/html                          every link, anchor, picture and script is there
    check_site.py build/docs/html --browser                and a Chromium sees the pages as they should be
    check_site.py build/docs/html --browser --shots DIR    and leaves pictures of them

With --browser=auto the second part is left out where there is no Chromium.
"""

import argparse
import base64
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

# --- links ------------------------------------------------------------------------------------------------

LINKS = {"a": "href", "area": "href", "link": "href", "img": "src", "script": "src", "iframe": "src", "object": "data"}
LANGUAGES = ("en", "es")
LOADED = {"link", "img", "script", "iframe", "object"}  # what a page needs to be shown: never from the network


class Page(html.parser.HTMLParser):
    """The names that a page defines, and what it points to."""

    def __init__(self, text):
        super().__init__()
        self.names, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.names.update(found[key] for key in ("id", "name") if found.get(key))
        if found.get(LINKS.get(tag)):
            self.links.append((tag, found[LINKS[tag]]))


def text_of(path):
    return path.read_text(encoding="utf-8")


def links_of_scripts(path):
    """Doxygen keeps the tree, the menu and what the search finds in scripts."""
    text = text_of(path)
    if path.parent.name == "search":
        return [link.removeprefix("../") for link in re.findall(r"'(\.\./[^']+)'", text)]
    if path.name == "menudata.js":
        return re.findall(r'url:"([^"]+)"', text)
    return re.findall(r'"([^"\s]+\.html(?:#[^"]*)?)"', text)


def check_links(site):
    problems, checked = [], 0
    pages = {path: Page(text_of(path)) for path in sorted(site.rglob("*.html"))}
    if site / "index.html" not in pages:
        return [f"{site}: no index.html"], 0, 0

    for path, other in ((path, site / theirs / path.name) for ours, theirs in (LANGUAGES, LANGUAGES[::-1])
                        for path in sorted((site / ours).glob("*.html")) if path.name != "sheet.html"):
        if other not in pages:
            problems.append(f"{path.relative_to(site)}: has no other half")
        elif ("a", f"../{other.parent.name}/{path.name}") not in pages[path].links:
            problems.append(f"{path.relative_to(site)}: does not lead to its other half")

    def check(source, folder, tag, link):
        parts = urllib.parse.urlsplit(link)
        if parts.scheme in ("http", "https", "mailto", "data", "javascript") or link.startswith("//"):
            if tag in LOADED and parts.scheme not in ("data", "javascript"):
                problems.append(f"{source}: {link} comes from the network")
            return
        path = urllib.parse.unquote(parts.path)
        if parts.scheme or path.startswith("/"):
            problems.append(f"{source}: {link} is a place on the machine that made the site")
            return
        target = (folder / path).resolve() if path else site / source
        if not target.is_file():
            problems.append(f"{source}: {link} leads nowhere")
        elif parts.fragment and target in pages and urllib.parse.unquote(parts.fragment) not in pages[target].names:
            problems.append(f"{source}: {link} has no such place")

    for path, page in pages.items():
        for tag, link in page.links:
            check(path.relative_to(site), path.parent, tag, link)
            checked += 1
    for path in sorted(site.rglob("*.js")):
        if path.name == "jquery.js" or path.name.startswith("doxygen-awesome"):
            continue
        for link in links_of_scripts(path):
            folder = path.parent.parent if path.parent.name == "search" else path.parent
            check(path.relative_to(site), folder, "a", link)
            checked += 1

    # Where the site was made is nobody's business, and means nothing elsewhere.
    here = str(pathlib.Path(__file__).resolve().parents[2])
    mangled = here.replace("/", "_")
    for path in sorted(site.rglob("*")):
        if path.suffix not in (".html", ".js", ".css", ".svg"):
            continue
        text = text_of(path)
        for name in (here + "/", "file://", mangled):
            if name in text and not path.name == "jquery.js":
                problems.append(f"{path.relative_to(site)}: holds {name}")
        if mangled in path.name:
            problems.append(f"{path.relative_to(site)}: is named after {here}")
    return problems, checked, len(pages)


def check_examples(folder):
    """Every method of the reference, its own page's text, has a program that shows it."""
    problems, count = [], 0
    for page in sorted(folder.glob("class*.html")) + sorted(folder.glob("struct*.html")) + sorted(folder.glob("group_*.html")):
        for item in text_of(page).split('<div class="memitem">')[1:]:
            head, _, rest = item.partition('<div class="memdoc">')
            name = " ".join(re.sub(r"<[^>]+>", " ", head).split())
            if "(" not in name or re.search(r'"mlabel">(?:delete|default)', head):
                continue
            count += 1
            if 'class="fragment"' not in rest:
                problems.append(f"{page.parent.name}/{page.name}: no program shows {name}")
    return problems, count


# --- a browser --------------------------------------------------------------------------------------------


class Browser:
    """A Chromium that obeys by its DevTools protocol, through two pipes."""

    def __init__(self, program):
        self.home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.commands = os.pipe()
        self.answers, from_browser = os.pipe()

        def as_3_and_4():
            spare = [os.dup(to_browser), os.dup(from_browser)]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", "--remote-debugging-pipe",
             f"--user-data-dir={self.home.name}", "about:blank"],
            preexec_fn=as_3_and_4, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.do(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.home.cleanup()

    def read(self):
        while b"\0" not in self.rest:
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                raise RuntimeError("the browser has ended")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def do(self, method, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self.read()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def evaluate(self, script):
        result = self.do("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", script))
        return result["result"].get("value")

    def evaluate_in_frames(self, script):
        """What it gives in the frames of the page, which a page from a file may not look into; the search shows one."""
        self.evaluate("new Promise(done => setTimeout(done, 100))")
        frames = self.do("Page.getFrameTree")["frameTree"].get("childFrames", [])
        names = [frame["frame"]["id"] for frame in frames]
        total = 0
        for event in list(self.events):
            if event.get("method") == "Runtime.executionContextCreated":
                context = event["params"]["context"]
                if context.get("auxData", {}).get("frameId") in names:
                    try:
                        answer = self.do("Runtime.evaluate", expression=script, contextId=context["id"], returnByValue=True)
                        total += answer["result"].get("value") or 0
                    except RuntimeError:
                        pass  # that frame has moved on
        return total

    def open(self, page):
        self.do("Page.navigate", url=page.as_uri())
        for _ in range(200):
            if self.evaluate("document.readyState") == "complete" and self.evaluate("location.href") == page.as_uri():
                break
            self.evaluate("new Promise(done => setTimeout(done, 20))")
        self.evaluate("new Promise(done => setTimeout(done, 100))")  # the tree draws itself afterwards

    def look(self, width, height, dark):
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 768)
        value = "dark" if dark else "light"
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def complaints(self):
        """What has been written on the console since the last call."""
        found = []
        for event in self.events:
            about = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(about["exceptionDetails"].get("exception", {}).get("description", "an exception"))
            elif event.get("method") == "Runtime.consoleAPICalled" and about["type"] in ("error", "assert"):
                found.append(" ".join(str(part.get("value", "")) for part in about["args"]))
            elif event.get("method") == "Log.entryAdded" and about["entry"]["level"] == "error":
                found.append(about["entry"]["text"] + " " + about["entry"].get("url", ""))
        self.events.clear()
        return found

    def shoot(self, path):
        path.write_bytes(base64.b64decode(self.do("Page.captureScreenshot")["data"]))


TOO_WIDE = """(() => {
    const room = document.documentElement.clientWidth
    const wide = [document.documentElement, document.body, document.getElementById("doc-content")]
        .filter(box => box && box.scrollWidth > box.clientWidth + 1)
    return wide.map(box => `${box.id || box.tagName}: ${box.scrollWidth} in ${box.clientWidth} of ${room}`).join("; ")
})()"""
BROKEN = """[...document.images].filter(image => image.complete && !image.naturalWidth).map(image => image.src)
    .concat([...document.querySelectorAll("object")].filter(image => !image.clientHeight).map(image => image.data))"""
IS_DARK = """getComputedStyle(document.documentElement).getPropertyValue("--page-background-color").trim()"""
NOT_COPIED = """[...document.querySelectorAll("div.fragment")]
    .filter(code => !code.parentNode.querySelector("doxygen-awesome-fragment-copy-button")).length"""
TYPE = """(() => {
    document.getElementById("MSearchField").value = "TcpListener"
    searchBox.Search()
})()"""
FOUND = """[...document.querySelectorAll(".SRResult a")]
    .filter(link => link.offsetParent && link.textContent.includes("TcpListener")).length"""


CUT = """(() => {
    const box = document.querySelector(".cut"), slider = box.querySelector("input"), seen = []
    for (slider.value = 0; ; slider.stepUp()) {
        slider.dispatchEvent(new Event("input"))
        seen.push([box.querySelector("output").textContent, ...[...box.querySelectorAll("[data-program]")]
            .map(row => [row.children[1].textContent, row.classList.contains("wrong")])])
        if (slider.value === slider.max) return seen
    }
})()"""
STREAM = "hola\nadios\n"


def check_cut(seen):
    """What the framing page's slider shows at each place, counted anew."""
    def listed(texts):
        return ", ".join('"' + text.replace("\n", "\\n") + '"' for text in texts)

    for cut, (received, one, counted, lines) in enumerate(seen):
        pieces = listed(filter(None, (STREAM[:cut], STREAM[cut:])))
        if (received, one) != (pieces, [pieces, cut != 5]):
            yield f"framing, cut at {cut}: {received}, {one}"
        if counted != [listed(("hola\n", "adios\n")), False] or lines != [listed(("hola", "adios")), False]:
            yield f"framing, cut at {cut}: {counted}, {lines}"
    if len(seen) != len(STREAM) + 1:
        yield f"framing: {len(seen)} places to cut"


VISIT = """(() => {
    const box = document.querySelector(".player"), steps = JSON.parse(box.querySelector("script").textContent).steps, wrong = []
    const press = key => box.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}))
    const text = (place, name) => [...place.querySelectorAll(name)].map(found => found.textContent).join("|")
    const sides = [...box.querySelectorAll(".side")]
    const seen = () => sides.map(side => [text(side, ".screen"), text(side, ".socket"), text(side, ".here")].join("|")).join("|")
    const lines = sides.map(side => [...side.querySelectorAll(".code div")])
    const views = []
    steps.forEach((step, at) => {
        const here = step.line && lines[step.side][step.line - 1]
        const window = here && here.parentNode
        if (text(box, ".says") !== step.says) wrong.push(`${at}: says ${text(box, ".says")}`)
        if (step.line && !here.classList.contains("here")) wrong.push(`${at}: line ${step.line} is not marked`)
        if (step.line && window.clientHeight && (here.offsetTop < window.offsetTop + window.scrollTop - 1 ||
            here.offsetTop + here.clientHeight > window.offsetTop + window.scrollTop + window.clientHeight + 1))
            wrong.push(`${at}: line ${step.line} is out of sight`)
        if (step.arrow && !text(box, ".flight").includes(step.arrow[2])) wrong.push(`${at}: no arrow`)
        views.push(seen())
        press(at % 2 ? " " : "ArrowRight")
    })
    for (let at = steps.length - 2; at >= 0; --at) { // and all the way back
        press("ArrowLeft")
        if (seen() !== views[at]) wrong.push(`${at}: is another one on the way back`)
    }
    press("End")
    if (seen() !== views[steps.length - 1]) wrong.push("End does not lead to the end")
    press("Home")
    if (seen() !== views[0]) wrong.push("Home does not lead to the beginning")
    box.querySelector(".stage").click()
    if (seen() !== views[1]) wrong.push("a click does not go on")
    return [steps.length, ...wrong]
})()"""
PLAYED = ("echo", "messages", "hola_adios", "eco", "stream_echo", "calculator", "chat", "datagrams", "addresses", "local", "file", "web", "packet_viewer")


def check_players(browser, site, language):
    """Visits every step of every lesson, at a desk and on a phone."""
    for lesson in PLAYED:
        for width, height in ((1280, 900), (390, 844)):
            browser.look(width, height, False)
            browser.open(site / language / f"guide_{lesson}.html")
            steps, *wrong = browser.evaluate(VISIT)
            yield from (f"{language}/{lesson}, {width} pixels, step {fault}" for fault in wrong + browser.complaints())
        print(f"{language}/{lesson}: {steps} steps played, to and fro")


ARRIVED = """new Promise(done => setTimeout(() => done(/[/]e[ns][/]index.html$/.test(location.pathname)), 20))"""


def has_arrived(browser):
    try:
        return browser.evaluate(ARRIVED)
    except RuntimeError:  # it is on its way
        return False


def pages_to_open(site):
    """The doors, the classes, the groups and the whole guide, in both languages."""
    names = []
    for language in LANGUAGES:
        for pattern in ("index.html", "modules.html", "classsockets_*.html", "group__*.html", "guide*.html"):
            names += sorted(page for page in (site / language).glob(pattern) if not page.stem.endswith("-members"))
    return names


def check_in_browser(site, program, shots):
    problems, looks = [], 0
    with Browser(program) as browser:
        for page in pages_to_open(site):
            backgrounds = {}
            for width, height, darkness in ((390, 844, (False,)), (1280, 900, (False, True))):
                for dark in darkness:
                    where = f"{page.parent.name}/{page.name}, {width} pixels, {'dark' if dark else 'light'}"
                    browser.look(width, height, dark)
                    browser.open(page)
                    looks += 1
                    if wide := browser.evaluate(TOO_WIDE):
                        problems.append(f"{where}: scrolls sideways ({wide})")
                    problems += [f"{where}: no picture {name}" for name in browser.evaluate(BROKEN)]
                    problems += [f"{where}: {complaint}" for complaint in browser.complaints()]
                    if browser.evaluate(NOT_COPIED):
                        problems.append(f"{where}: a program has no copy button")
                    if (language := browser.evaluate("document.documentElement.lang")) != page.parent.name:
                        problems.append(f"{where}: says that its language is {language}")
                    backgrounds[dark] = browser.evaluate(IS_DARK)
                    if shots:
                        name = f"{page.parent.name}_{page.stem}_{width}_{'dark' if dark else 'light'}.png"
                        browser.shoot(shots / name)
            if backgrounds[False] == backgrounds[True]:
                problems.append(f"{page.parent.name}/{page.name}: light and dark look alike")
        browser.look(1280, 900, False)
        for language in LANGUAGES:
            browser.open(site / language / "index.html")
            browser.evaluate(TYPE)
            if not any(browser.evaluate_in_frames(FOUND) for _ in range(20)):
                problems.append(f"the search in {language} does not find TcpListener")
            if shots:
                browser.shoot(shots / f"{language}_search.png")
            problems += [f"search in {language}: {complaint}" for complaint in browser.complaints()]
            browser.open(site / language / "guide_framing.html")
            problems += [f"{language}: {fault}" for fault in check_cut(browser.evaluate(CUT))]
            problems += check_players(browser, site, language)
        browser.do("Page.navigate", url=(site / "index.html").as_uri())
        if not any(has_arrived(browser) for _ in range(100)):
            problems.append("the first page chooses no language")
    return problems, looks


# --- main -------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description="Checks the documentation's site.")
    parser.add_argument("site", type=pathlib.Path)
    parser.add_argument("--browser", nargs="?", const="yes", choices=["yes", "auto"], help="look at it with a Chromium")
    parser.add_argument("--shots", type=pathlib.Path, help="folder for pictures of the pages")
    arguments = parser.parse_args()
    site = arguments.site.resolve()

    problems, links, pages = check_links(site)
    print(f"{site.name}: {pages} pages, {links} links")
    for language in LANGUAGES:
        missing, methods = check_examples(site / language)
        problems += missing
        print(f"{language}: {methods} methods, {methods - len(missing)} with a program")
    if arguments.browser:
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if program:
            if arguments.shots:
                arguments.shots.mkdir(parents=True, exist_ok=True)
            seen, looks = check_in_browser(site, program, arguments.shots)
            problems += seen
            print(f"{site.name}: looked at {looks} times with {pathlib.Path(program).name}")
        elif arguments.browser == "yes":
            problems.append("no chromium here")
        else:
            print("no chromium here: nobody has looked at it")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
