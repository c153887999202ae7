import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBSimulator
import Glibc
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import DualTableBackfill

/// A table as large as nobody can store here: its items are computed, and of the new one a bit an item is kept.
///
/// `DUALTABLE_SOAK=100000000` says how many; in release that takes some minutes.
@Suite struct GeneratedSoakTests {
  static let items = getenv("DUALTABLE_SOAK").flatMap { Int(String(cString: $0)) } ?? 50_000

  @Test("Every item of a table of any size arrives once, the books hold to the item, and the state stays small")
  func generated() throws {
    let time = SimulatedTime(seed: 1)
    let engine = GeneratedTransport(items: Self.items, time)
    let directory = TemporaryDirectory()
    let mapping = try CompiledMapping(yaml: Array(Migration.yaml.utf8), file: "test.yaml")
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "us-east-1", url: "http://generated:8000"),
        credentials: try StaticCredentialProvider(AWSCredentials(accessKeyID: "A", secretAccessKey: "S")), retry: .bulk()),
      transport: engine, wallClock: time.wallClock, clock: time, seed: 1)
    var configuration = Backfill.Configuration(
      old: .init(client: client, table: "old"), new: .init(client: client, table: "new"), mapping: mapping,
      stateDirectory: StatePath("\(directory.path)/state"), seed: 7)
    configuration.checkpointExecutor = InlineSerialExecutor()
    let largest = Mutex(0)
    let backfill = Backfill(configuration)
    let began = ContinuousClock.now
    let result = try time.run(patience: .seconds(120)) {
      try await backfill.run(stop: StopSignal()) { progress in
        guard Int(progress.pass.elapsed / .seconds(1)) % 10 == 0 else { return }
        let size = Self.size(of: "\(directory.path)/state")
        largest.withLock { $0 = max($0, size) }
      }
    }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let counts = result.counts
    #expect(counts[.scanned] == Self.items && engine.scanned == Self.items && result.addsUp && !result.more)
    for (kind, counter) in [
      (GeneratedTransport.Kind.filtered, PassCounter.filtered), (.failed, .failed), (.alreadyThere, .alreadyThere),
      (.superseded, .superseded), (.deleted, .deleted),
    ] {
      #expect(counts[counter] == engine.count(kind), "\(counter)")
    }
    let others = GeneratedTransport.Kind.allCases.reduce(0) { $0 + engine.count($1) }
    #expect(counts[.migrated] == Self.items - others)
    #expect(engine.putBits == counts[.migrated] && engine.putCount == counts[.migrated] && engine.repeats == 0)
    let letters = try directory.text("state/\(Backfill.deadLetters)").split(separator: "\n")
    #expect(letters.count == engine.count(.failed) && Set(letters).count == letters.count)
    // Journal and snapshot are bounded by the segments; dead letters by what failed.
    let state = largest.withLock { max($0, Self.size(of: "\(directory.path)/state")) }
    #expect(state < 8_000_000)
    if Self.items > 1_000_000 {
      let text =
        "soak: \(Self.items) items in \(Int(seconds)) s (\(Int(Double(Self.items) / seconds)) a second), \(Int(result.seconds)) s of virtual "
        + "time, \(counts[.pages]) pages, at most \(state) bytes of state\n"
      _ = unsafe Glibc.write(2, text, text.utf8.count)
    }
  }

  private static func size(of directory: String) -> Int {
    guard let list = opendir(directory) else { return 0 }
    defer { closedir(list) }
    var size = 0
    while let entry = readdir(list) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var status = stat()
      if stat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG { size += Int(status.st_size) }
    }
    return size
  }
}
