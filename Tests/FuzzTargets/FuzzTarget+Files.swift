import DynamoDBModel
import Glibc
import HTTPTransport

@testable import AWSAuth
@testable import DualTableBackfill
@testable import DualTableScan
@testable import DualTableVerify

// What is read back from disk, where anything may have written.
extension FuzzTarget {
  static let files = [
    // A fuzzer can't guess checksums, so that what is behind them is made right.
    FuzzTarget(name: "journal") { bytes in
      let framed = framed(bytes)
      var offset = 0
      while let record = JournalRecord(framed.span, at: &offset) {
        var again = ByteBuffer()
        record.encode(into: &again)
        var start = 0
        precondition(JournalRecord(again.span, at: &start) == record, "a record isn't itself again")
      }
      atPath(Array("dualtable journal 1\n".utf8) + framed) { path in _ = try? Journal.read(path) { _ in } }
      atPath(bytes) { path in _ = try? Journal.read(path) { _ in } }
    },
    FuzzTarget(name: "snapshot") { bytes in
      atPath(bytes) { path in _ = try? PassSnapshot(path, plan: SegmentPlan(count: 8, seed: 1)) }
    },
    FuzzTarget(name: "manifest") { bytes in atPath(bytes) { path in _ = try? RunManifest(path) } },
    FuzzTarget(name: "keys") { bytes in
      atPath(bytes) { path in
        guard let list = try? KeyList(path) else { return }
        let schema = KeySchema(hash: .init("id", .string))
        for segment in 0..<2 {
          _ = try? list.lines(of: SegmentPage(segment: segment, totalSegments: 2, exclusiveStartKey: nil), atMost: 64, schema)
        }
        _ = try? JSONLinesFile.reasons(path, bytes.count)
      }
    },
    FuzzTarget(name: "spill") { bytes in
      for file in [bytes, framed(bytes)] {
        atPath(file) { path in
          guard let reader = try? SpillReader(path, step: 64) else { return }
          let records = SpillRecords(hasContents: bytes.count % 2 == 0)
          while (try? reader.next { payload in
            try? records.forEachDigest(payload) { _, _ in }
            try? records.forEachKey(payload) { key, _ in _ = KeySchema(hash: .init("id", .string)).key(canonical: key) }
          }) == true {}
          _ = try? SpillReader.wholeLength(path)
        }
      }
    },
    FuzzTarget(name: "ini") { bytes in
      _ = try? INIFile(bytes)
      _ = shellWords(text(bytes))
      _ = XMLText(bytes)
    },
  ]

  private static func framed(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    var framed = ByteBuffer()
    Frame.append(to: &framed) { $0.append(contentsOf: bytes) }
    return (0..<framed.count).map { framed[$0] }
  }

  /// In memory, where the machine has such a place.
  private static let directory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"

  private static func atPath(_ bytes: [UInt8], _ body: (String) -> Void) {
    let path = "\(directory)/dualtable-fuzz-\(getpid())"
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    precondition(descriptor >= 0)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    _ = Glibc.close(descriptor)
    body(path)
    _ = unlink(path)
  }
}
