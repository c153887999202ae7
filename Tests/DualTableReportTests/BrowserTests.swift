import DynamoDBModel
import Glibc
import TestSupport
import Testing

@testable import DualTableReport

/// The page as a browser shows it. `DUALTABLE_SCREENSHOTS=folder` keeps pictures.
@Suite(.enabled("Chromium isn't here: install Debian's package chromium") { Browser.chromium != nil })
struct BrowserTests {
  static let views = ["1200", "1200,dark", "400", "400,dark", "320", "800,print"]

  @Test("no message, no request, no overflow; charts drawn and labelled; readable at 320 to 1,200 pixels, light, dark and printed")
  func pages() throws {
    for (name, report) in [
      ("full", SampleReport.full()), ("rollback", SampleReport.rollback()), ("comparison", SampleReport.comparison()),
      ("hostile", SampleReport.hostileReport()),
    ] {
      let looks = try Browser.look(at: report.html, name, Self.views)
      #expect(looks.count == Self.views.count)
      for look in looks { try check(look, name) }
      #expect(looks[0]["background"] != looks[1]["background"], "dark is dark")
    }
  }

  private func check(_ look: JSONValue, _ name: String) throws {
    let view = "\(name) at \(look["view"]?.string ?? "")"
    for list in ["complaints", "requests", "beyond"] { #expect(look[list]?.array?.isEmpty == true, "\(view): \(look[list]?.text ?? "")") }
    #expect(look["overflow"]?.integer == 0, "\(view)")
    #expect(look["scripts"]?.integer == 0 && look["planted"] == .null, "\(view)")
    #expect(look["smallest"]?.double ?? 0 >= 11, "\(view)")
    let drawings = try #require(look["drawings"]?.array)
    let titles = drawings.compactMap { $0["title"]?.string }
    for title in ["Reads of the old table", "Writes to the new table", "Items per scan page", "Time to the answer of a write"] {
      #expect(titles.count { $0 == title } == (name == "rollback" ? 2 : 1), "\(view): \(title)")
    }
    #expect(titles.contains("Throughput of both") == ["comparison", "hostile"].contains(name), "\(view)")
    for drawing in drawings {
      let texts = drawing["texts"]?.array?.compactMap(\.string) ?? []
      let what = "\(view): \(drawing["title"]?.string ?? "")"
      // Both axes have their unit and ticks at round values, each line is drawn, each word is in the picture and readable.
      #expect(texts.contains { $0.hasPrefix("time worked, ") } && texts.contains("0") && texts.count > 6, "\(what)")
      #expect(drawing["says"]?.string?.isEmpty == false, "\(what)")
      #expect(drawing["lines"]?.array?.allSatisfy { $0.double ?? 0 > 0 } == true, "\(what)")
      #expect(drawing["outside"]?.array?.isEmpty == true, "\(what): \(drawing["outside"]?.text ?? "")")
      #expect(drawing["overlaps"]?.array?.isEmpty == true, "\(what): \(drawing["overlaps"]?.text ?? "")")
      #expect(drawing["scale"]?.double ?? 0 > 0.75, "\(what)")
    }
    if name == "hostile" {
      // What was to be markup is to be read.
      let text = try #require(look["text"]?.string)
      #expect(
        text.contains("<script>window.planted=1</script>\"'><img src=x onerror=window.planted=2>[U+202E]gnp[U+0][U+7]&amp;"), "\(view)")
    }
  }
}

/// A headless Chromium, by the script beside the tests.
enum Browser {
  static let chromium: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
    access($0, X_OK) == 0
  }

  /// Opens a page and says what each view of it came to.
  static func look(at page: String, _ name: String, _ views: [String]) throws -> [JSONValue] {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try folder.write("report.html", Array(page.utf8))
    let script = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/browser.py"
    var line = "python3 '\(script)' '\(chromium ?? "")' '\(folder.path)/report.html' \(views.joined(separator: " "))"
    if let shots = unsafe getenv("DUALTABLE_SCREENSHOTS").map({ unsafe String(cString: $0) }) {
      try? #require(unsafe system("mkdir -p '\(shots)/\(name)'") == 0)
      line += " --shots '\(shots)/\(name)' && cp '\(folder.path)/report.html' '\(shots)/\(name)/'"
    }
    let (status, output) = try #require(Shell.run(line))
    try #require(status == 0, "the browser's script failed with \(status)")
    return try output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8).span) }
  }
}
