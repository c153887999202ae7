import DualTableScan
import DualTableVerify
import DynamoDBModel
import MigrationControl
import Testing

@testable import DualTableReport

@Suite struct ReportPageTests {
  @Test func `a page asks nobody for anything and runs no program`() {
    for report in [SampleReport.full(), SampleReport.rollback(), SampleReport.comparison(), SampleReport.hostileReport()] {
      let page = report.html
      for mark in ["<script", "src=\"", "<link rel=\"stylesheet\"", "@import", "url(", "<img", "<iframe", "javascript:"] {
        #expect(!page.lowercased().contains(mark), "\(mark)")
      }
      #expect(page.contains("default-src 'none'"))
    }
  }

  @Test("every text from outside is escaped, wherever it stands")
  func hostileTexts() throws {
    let page = SampleReport.hostileReport().html
    #expect(!page.contains("<script>") && !page.contains("<img") && !page.contains("\u{202E}") && !page.contains("\u{0}"))
    // Everywhere that it was planted: names, endpoints, reasons, changes, limits, participants, counts, facts, curves.
    #expect(page.split(separator: "&lt;script&gt;window.planted=1&lt;/script&gt;").count > 20)
  }

  @Test("the books are shown to balance, and to not balance where they don't")
  func books() {
    var report = SampleReport.full()
    #expect(report.html.contains("✓ It adds up"))
    report.backfill?.status.totals[.migrated] -= 1
    #expect(report.html.contains("✗ It does not add up"))
  }

  static let statuses: [(says: String, change: @Sendable (inout RunReport) -> Void)] = [
    ("Complete and verified", { $0.redrives = [SampleReport.run(minutes: 1, failed: 0)] }),
    ("Done, with items left behind", { $0.redrives = [] }),
    ("The verification has findings", { $0.verify = SampleReport.verify(missing: 3) }),
    ("The verification could not look at everything", { $0.verify?.outcome?.result.undecided = 1 }),
    ("The backfill is not done yet", { $0.backfill?.status.doneSegments = 3 }),
    ("The backfill has not begun", { $0.backfill = nil }),
    (
      "Copied, not verified yet",
      {
        $0.backfill = SampleReport.run(failed: 0); $0.verify = nil; $0.redrives = []
      }
    ),
    (
      "Something went wrong: the history is not clean",
      { $0.rehearsal = .init(seed: 1, clients: 1, operations: 1, lost: 1, resurrected: 0, overwritten: 0, digest: "") }
    ),
  ]

  @Test("the status is what the figures say", arguments: statuses.indices)
  func status(index: Int) {
    var report = SampleReport.full()
    Self.statuses[index].change(&report)
    #expect(ReportPage(report: report).status.says == Self.statuses[index].says)
    #expect(report.html.contains(Self.statuses[index].says))
    #expect(report.json["status"]?.string == Self.statuses[index].says)
  }

  @Test func `a throughput's course is told by tenths, wherever the lowest one lies`() {
    let falls = ThroughputCourse(Array(repeating: 1_000, count: 10) + Array(repeating: 400, count: 20) + Array(repeating: 900, count: 20))
    #expect(falls.first == 1_000 && falls.lowest == 400 && falls.last == 900)
    let short = ThroughputCourse([5, 3])
    #expect(short.first == 5 && short.lowest == 3 && short.last == 3)
    #expect(ThroughputCourse([]).lowest == 0)
  }

  @Test func `a page that compares says so in its title, and draws what was allowed beside both curves`() {
    let page = SampleReport.comparison().html
    #expect(page.contains("<h1>A night that slowed down</h1></header>"))
    #expect(page.contains("</span>allowed</li>") && page.contains(">one scanner in hash order</th>"))
    #expect(page.contains("A tenth of the size."))
  }

  @Test func `what isn't known is left out, and the rest is a page`() {
    let page = RunReport(old: .init(name: "a-table", endpoint: "x"), new: .init(name: "b-table", endpoint: "y"), made: 0).html
    #expect(page.contains("Nothing has been copied yet") && !page.contains("<svg"))
  }

  @Test func `curves are rates between samples, and a change stands where it was made`() throws {
    let run = SampleReport.run()
    let curves = RunCurves(run.series)
    #expect(curves.points.count > 100 && curves.points.count <= 160 && curves.seconds == 7_200)
    #expect(curves.points.prefix(20).allSatisfy { $0.writeUnits > 360 && $0.writeUnits < 400 && $0.writeLimit == 400 })
    #expect(curves.points.suffix(20).allSatisfy { $0.writeUnits > 630 && $0.writeUnits < 700 })
    #expect(curves.points.allSatisfy { ($0.itemsPerPage ?? 0) > 29 && ($0.itemsPerPage ?? 0) < 36 })
    // Read units of all points together are the run's.
    let sum = zip(curves.points, curves.points.dropFirst()).reduce(curves.points[0].readUnits * curves.points[0].seconds * 2) {
      $0 + $1.1.readUnits * 2 * ($1.1.seconds - $1.0.seconds)
    }
    #expect(sum > 0)
    #expect(ReportPage.elapsed(at: run.changes[0].milliseconds, run.series) == 2_880)
    #expect(ReportPage.elapsed(at: SampleReport.began + 999_999_999, run.series) == nil)
  }

  @Test func `the JSON has the same figures`() throws {
    let report = SampleReport.full()
    let json = try JSONValue(parsing: Array(report.json.text.utf8).span)
    let run = try #require(json["backfill"])
    let names = ["migrated", "alreadyThere", "superseded", "deleted", "filtered", "failed"]
    #expect(run["scanned"]?.integer == names.reduce(0) { $0 + (run[$1]?.integer ?? 0) })
    #expect(run["failedByReason"]?["wrongType"]?.integer == 31 && run["throttles"]?[0]?["count"]?.integer ?? 0 > 100)
    #expect(json["migration"]?["steps"]?[2]?["acknowledged"]?[0]?["name"]?.string == "orders-api-7d9f8c-0")
    #expect(json["verify"]?["clean"]?.bool == true && json["verify"]?["newIds"]?.integer == 4_112_908)
  }
}
