import DualTableReport
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import HTTPTransport

@testable import DualTableScan
@testable import MigrationControl

// What stands for a whole migration: a state directory, the control table, and the tables that are served on a port.
extension FuzzTarget {
  static let state = [
    // The first byte says which file of a run's state the others are; the report reads all of them, and draws what they say.
    FuzzTarget(name: "state") { bytes in
      guard let first = bytes.first else { return }
      let scene = StateScene.shared
      let index = Int(first &- 0x30) % StateScene.files.count
      scene.write(index, Array(bytes.dropFirst()))
      if let report = try? RunReport(stateDirectory: scene.path, made: 1_795_251_600_000) {
        _ = report.html
        _ = report.json.text
      }
      scene.restore(index)
    },
    FuzzTarget(name: "control") { bytes in
      guard let item = try? Item(wire: bytes.span) else { return }
      if let control = try? ControlItem(item: item) {
        let next = control.changed { $0.ttlOffSince = nil }
        precondition((try? ControlItem(item: next.attributes)) == next, "a control item isn't itself again")
      }
      if let participant = try? ParticipantItem(item: item) {
        precondition((try? ParticipantItem(item: participant.attributes)) == participant, "a participant isn't itself again")
      }
      if let lease = try? SegmentLease(item: item, segments: 8) {
        precondition((try? SegmentLease(item: lease.attributes, segments: 8)) == lease, "a lease isn't itself again")
        var board = LeaseBoard(plan: SegmentPlan(count: 8, seed: 1), worker: "w", seed: 1)
        board.saw(lease)
        _ = board.totals
      }
      if let pass = try? SharedPass(item: item) {
        precondition((try? SharedPass(item: pass.attributes)) == pass, "a pass isn't itself again")
        let plan = pass.manifest.segments[0] <= 4_096
        if plan { _ = SharedPassOverview(pass: pass, segments: [], workers: []).status(at: 1_795_251_600_000) }
      }
      _ = try? RunRecord(item: item)
      _ = try? StepRecord(item: item)
    },
    // Payloads of the file that `local --data` keeps: a line each, the kind before it.
    FuzzTarget(name: "tables") { bytes in
      var reader = SnapshotReader()
      for line in bytes.split(separator: 0x0A) {
        let payload = Array(line)
        if !reader.read(payload.span) { return }
      }
      DynamoDBSimulator().restore(reader)
    },
  ]
}

/// A directory with the state of a run, of which one file at a time is something else.
private struct StateScene: Sendable {
  static let files: [(name: String, text: String)] = [
    (
      "manifest.json",
      #"{"version":2,"command":"backfill","old":{"table":"a","endpoint":"http://h"},"new":{"table":"b","endpoint":"http://h"},"mapping":"m","mode":"","segments":[4],"partitions":0,"seed":"1"}"#
    ),
    (
      "backfill.json",
      #"{"version":2,"generation":1,"elapsedMilliseconds":5000,"starts":2,"linesLength":30,"changes":[{"at":1795251600000,"what":"paused"}],"totals":{"scanned":9,"migrated":8,"failed":1},"doneTotals":{"scanned":5},"segments":4,"done":"0-1","begun":{"2":{"key":{"id":{"S":"k"}},"counts":{"scanned":4}}}}"#
    ),
    ("backfill.1.journal", "dualtable journal 1\n"),
    ("dead-letters.jsonl", #"{"key":{},"reason":"missing"}"# + "\n"),
    (
      "series.jsonl",
      #"{"version":1,"interval":1000}"# + "\n"
        + #"{"elapsed":1000,"moment":1795251600000,"restarts":0,"counts":{"scanned":4,"pages":1},"reads":[80,3],"writes":[90,4],"throttles":[{"access":"write","reason":"x","count":2}],"limit":"--write-wcu","readLimit":400000,"writeLimit":400000}"#
        + "\n"
    ),
    (
      "verify/result.json",
      #"{"version":1,"mapping":"m","content":false,"finished":1795251600000,"oldIds":9,"newIds":9,"missing":0,"repaired":0,"differing":0,"superseded":0,"extra":0,"tombstones":0,"unconvertible":1,"filtered":0,"rechecked":0,"undecided":0,"seconds":3.5,"readUnits":8.0}"#
    ),
  ]

  static let shared = StateScene()
  let path: String

  private init() {
    path = "\(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")/dualtable-fuzz-state-\(getpid())"
    for part in ["", "/verify"] { _ = mkdir(path + part, 0o700) }
    for index in Self.files.indices { restore(index) }
    // It is read, or the target is blind.
    precondition((try? RunReport(stateDirectory: path, made: 0))?.backfill?.series.samples.count == 1, "the scene can't be read")
  }

  func restore(_ index: Int) { write(index, Array(Self.files[index].text.utf8)) }

  func write(_ index: Int, _ bytes: [UInt8]) {
    let descriptor = open("\(path)/\(Self.files[index].name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    precondition(descriptor >= 0)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    _ = close(descriptor)
  }
}
