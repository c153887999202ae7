import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import TestSupport
import Testing

@testable import DualTableCommand

@Suite struct ReportCommandTests {
  @Test func `a run's report is one file for its owner alone, with what the run came to`() async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 300 --seed 4 --mapping users.yaml")
    #expect(await place.run("report").status == .failed)
    #expect(await place.pass("backfill --offline").status == .done)
    _ = await place.pass("verify --offline")
    try place.folder.write("users.html", Array("<p>an old one</p>".utf8))
    let made = await place.run("report --output \(place.folder.path)/users.html")
    #expect(made.status == .done && made.output == "\(place.folder.path)/users.html\n")
    let page = try place.folder.text("users.html")
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("300") && page.contains("Complete and verified"))
    #expect(place.folder.mode("users.html") == 0o600)
    let json = try JSONValue(parsing: Array(await place.run("report --json").output.utf8).span)
    #expect(json["backfill"]?["scanned"]?.integer == 300 && json["verify"]?["missing"]?.integer == 0)
  }

  @Test func `a run that several machines share is told with what each of them did`() throws {
    let place = ControlPlace()
    let json = try place.time.run {
      _ = await place.run("seed --items 300 --seed 4")
      _ = await place.run("phase init")
      try await place.set { $0.phase = .dualTable }
      let shared = ["DUALTABLE_STATE": ""]
      async let one = place.run("backfill --write-wcu 100", more: shared)
      async let other = place.run("backfill --write-wcu 100", more: shared)
      for run in await [one, other] { #expect(run.status == .done, "\(run.error)") }
      let made = await place.run("report --output \(place.folder.path)/report.html", more: shared)
      #expect(made.status == .done, "\(made.error)")
      return await place.run("report --json", more: shared).output
    }
    #expect(try place.folder.text("report.html").contains("Who did the work"))
    let report = try JSONValue(parsing: Array(json.utf8).span)
    #expect(report["backfill"]?["scanned"]?.integer == 300 && report["migration"]?["phase"]?.string == "dualTable")
    let workers = report["workers"]?.array ?? []
    #expect(workers.count >= 1 && workers.reduce(0) { $0 + ($1["scanned"]?.integer ?? 0) } == 300)
  }

  @Test func `with a control table the phases are in it, and who acknowledged them when`() throws {
    let place = ControlPlace()
    let (made, json) = try place.time.run {
      _ = await place.run("seed --items 20 --seed 4")
      _ = await place.run("phase init")
      // Time to live must have been off for an hour.
      try await place.time.sleep(for: .seconds(3_700))
      return try await place.withParticipants(["orders-1", "orders-2"]) { _ in
        #expect(await place.run("cutover --to dualRead").status == .done)
        #expect(await place.run("cutover --to dualTable --yes").status == .done)
        #expect(await place.run("backfill").status == .done)
        let made = await place.run("report --output \(place.folder.path)/report.html")
        return (made, await place.run("report --json").output)
      }
    }
    #expect(made.status == .done, "\(made.error)")
    let page = try place.folder.text("report.html")
    #expect(page.contains("dualRead → dualTable") && page.contains("orders-1") && page.contains("orders-2"))
    let migration = try #require(try JSONValue(parsing: Array(json.utf8).span)["migration"])
    #expect(migration["phase"]?.string == "dualTable" && migration["runs"]?[0]?["command"]?.string == "backfill")
    #expect(migration["steps"]?.array?.map { $0["to"]?.string } == ["old", "dualRead", "dualTable"])
    for step in [1, 2] {
      let names = migration["steps"]?[step]?["acknowledged"]?.array?.compactMap { $0["name"]?.string }.sorted()
      #expect(names == ["orders-1", "orders-2"], "step \(step)")
    }
  }
}
