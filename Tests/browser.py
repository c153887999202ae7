#!/usr/bin/env python3
"""browser.py CHROMIUM PAGE WIDTH[,dark][,print] ... [--shots DIR]: opens a page in a headless Chromium and prints what it saw, a line of JSON a view.

What it tells of each view: messages of the console and refusals, requests to anywhere but the file, how far anything reaches beyond the
window's width, and of every drawing its title, its texts, and how long its lines are. With --shots it leaves pictures in DIR.
Speaks the DevTools protocol over a pair of pipes, so that nothing needs to be installed but the browser.
"""
import base64, json, os, shutil, signal, subprocess, sys, tempfile

LOOK = r"""(() => {
  const width = document.documentElement.clientWidth, seen = e => e.getClientRects().length > 0;
  const name = e => e.tagName + (e.id ? '#' + e.id : '') + ' ' + (e.textContent || '').trim().slice(0, 40);
  const all = [...document.body.querySelectorAll('*')].filter(seen);
  return {
    title: document.title,
    width, overflow: document.documentElement.scrollWidth - width,
    beyond: all.filter(e => !e.closest('svg') && getComputedStyle(e).position !== 'absolute' && !e.closest('thead')
      && e.getBoundingClientRect().right > width + 1).map(name),
    smallest: Math.min(...all.filter(e => !e.closest('svg') && e.childElementCount == 0 && e.textContent.trim())
      .map(e => parseFloat(getComputedStyle(e).fontSize))),
    drawings: [...document.querySelectorAll('svg')].filter(seen).map(s => ({
      title: s.querySelector('title')?.textContent ?? '', says: s.querySelector('desc')?.textContent ?? '',
      texts: [...s.querySelectorAll('text')].map(t => t.textContent),
      lines: [...s.querySelectorAll('path.line')].map(p => Math.round(p.getTotalLength())),
      scale: s.getBoundingClientRect().width / s.viewBox.baseVal.width,
      outside: [...s.querySelectorAll('text')].filter(t => {
        const a = t.getBoundingClientRect(), b = s.getBoundingClientRect();
        return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;
      }).map(t => t.textContent),
      overlaps: (() => {
        const boxes = [...s.querySelectorAll('text.tick')].map(t => [t.textContent, t.getBoundingClientRect()]);
        return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) =>
          p.left < q.right && q.left < p.right && p.top < q.bottom - 2 && q.top < p.bottom - 2).map(([b]) => a + '/' + b));
      })(),
    })),
    tables: [...document.querySelectorAll('table')].filter(seen).map(t => t.caption?.textContent ?? ''),
    scripts: document.scripts.length, planted: window.planted === undefined ? null : String(window.planted),
    text: document.body.innerText,
    background: getComputedStyle(document.body).backgroundColor,
  };
})()"""


class Browser:
  def __init__(self, chromium):
    self.profile = tempfile.mkdtemp(prefix="dualtable-browser-")
    to_browser, self.output = os.pipe()
    self.input, from_browser = os.pipe()

    def connect():
      # Beyond 3 and 4 first, so that neither end is overwritten before it is moved.
      ends = os.dup(to_browser), os.dup(from_browser)
      high = [os.dup2(end, 40 + index) for index, end in enumerate(ends)]
      os.dup2(high[0], 3), os.dup2(high[1], 4)

    self.process = subprocess.Popen(
      [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
       "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-sync", "--use-mock-keychain",
       f"--user-data-dir={self.profile}", "--remote-debugging-pipe", "about:blank"],
      preexec_fn=connect, close_fds=False, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(to_browser), os.close(from_browser)
    self.number, self.rest, self.events = 0, b"", []
    target = self.call("Target.createTarget", url="about:blank")["targetId"]
    self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network", "Security"): self.send(domain + ".enable")

  def message(self):
    while b"\0" not in self.rest:
      more = os.read(self.input, 1 << 16)
      if not more: raise SystemExit("the browser is gone")
      self.rest += more
    line, self.rest = self.rest.split(b"\0", 1)
    return json.loads(line)

  def call(self, method, session=None, **parameters):
    self.number += 1
    request = {"id": self.number, "method": method, "params": parameters}
    if session: request["sessionId"] = session
    os.write(self.output, json.dumps(request).encode() + b"\0")
    while True:
      answer = self.message()
      if answer.get("id") == self.number:
        if "error" in answer: raise SystemExit(f"{method}: {answer['error']}")
        return answer["result"]
      if "method" in answer: self.events.append(answer)

  def send(self, method, **parameters): return self.call(method, self.session, **parameters)

  def until(self, method):
    while not any(event["method"] == method for event in self.events): self.events.append(self.message())

  def close(self):
    # Its whole session, which is ours alone: a browser is many processes.
    os.killpg(self.process.pid, signal.SIGKILL)
    self.process.wait()
    shutil.rmtree(self.profile, ignore_errors=True)


def view(browser, page, wish, shots):
  parts = wish.split(",")
  width, dark, paper = int(parts[0]), "dark" in parts, "print" in parts
  browser.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
  browser.send("Emulation.setEmulatedMedia", media="print" if paper else "screen",
               features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
  browser.events = []
  browser.send("Page.navigate", url=page)
  browser.until("Page.loadEventFired")
  seen = browser.send("Runtime.evaluate", expression=LOOK, returnByValue=True)
  if "value" not in seen["result"]: raise SystemExit(f"the look failed: {seen}")
  seen = seen["result"]["value"]
  if shots:
    name = os.path.join(shots, wish.replace(",", "-"))
    if paper:
      pdf = browser.send("Page.printToPDF", printBackground=True, preferCSSPageSize=False)["data"]
      open(name + ".pdf", "wb").write(base64.b64decode(pdf))
    shot = browser.send("Page.captureScreenshot", captureBeyondViewport=True, format="png")["data"]
    open(name + ".png", "wb").write(base64.b64decode(shot))
  methods = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}
  seen["view"] = wish
  seen["complaints"] = [json.dumps(event["params"])[:500] for event in browser.events if event["method"] in methods]
  seen["requests"] = [event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"
                      and not event["params"]["request"]["url"].startswith(("file:", "data:"))]
  print(json.dumps(seen))


def main(arguments):
  shots = None
  if "--shots" in arguments:
    place = arguments.index("--shots")
    shots = arguments[place + 1]
    del arguments[place:place + 2]
  chromium, page, *views = arguments
  browser = Browser(chromium)
  try:
    for wish in views: view(browser, "file://" + os.path.abspath(page), wish, shots)
  finally:
    browser.close()


main(sys.argv[1:])
