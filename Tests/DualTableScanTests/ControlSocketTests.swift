import Synchronization
import TestSupport
import Testing

@testable import DualTableScan

@Suite struct ControlSocketTests {
  @Test func `a line is answered by a line, for the owner alone`() throws {
    let directory = TemporaryDirectory()
    #expect(try ControlSocket.send("hello", to: directory.path) == nil)
    do {
      let asked = Mutex<[String]>([])
      let socket = try ControlSocket(in: directory.path) { line in
        asked.withLock { $0.append(line) }
        return "you said \(line)"
      }
      #expect(directory.mode(ControlSocket.name) == 0o600)
      #expect(try ControlSocket.send("hello", to: directory.path) == "you said hello")
      #expect(try ControlSocket.send("again", to: directory.path) == "you said again")
      withExtendedLifetime(socket) {}
    }
    #expect(try ControlSocket.send("hello", to: directory.path) == nil)
    #expect(directory.names("") == [])
  }

  @Test func `a long path is no obstacle, nor is a socket that a dead process left`() throws {
    let directory = TemporaryDirectory()
    let long = "\(directory.path)/\(String(repeating: "d", count: 120))"
    try File.makeDirectory(long)
    try File.replace("\(long)/\(ControlSocket.name)", with: [UInt8]().span)
    let socket = try ControlSocket(in: long) { $0 }
    #expect(try ControlSocket.send("x", to: long) == "x")
    withExtendedLifetime(socket) {}
  }

  @Test(arguments: [
    ControlRequest.status, .pause, .resume, .stop, .change(read: .units(100), write: .percent(80), openSegments: 32),
    .change(read: nil, write: .units(0.5), openSegments: nil),
  ])
  func `requests come back as they went`(_ request: ControlRequest) { #expect(ControlRequest(request.line) == request) }

  @Test(arguments: [
    "", "pause", "{}", #"{"do":"fly"}"#, #"{"do":"change","read":"0"}"#, #"{"do":"change","openSegments":0}"#,
    #"{"do":"change","openSegments":5000}"#,
  ])
  func `anything else is none`(_ line: String) { #expect(ControlRequest(line) == nil) }
}

@Suite struct PassChangeTests {
  @Test func `changes stay in the journal and in its snapshot, and can be looked at from outside`() async throws {
    let directory = TemporaryDirectory()
    let path = "\(directory.path)/state"
    let plan = SegmentPlan(count: 2, seed: 1)
    let changes = [
      PassChange(milliseconds: 1_700_000_000_000, what: "--write-wcu 400"), PassChange(milliseconds: 1_700_000_001_000, what: "paused"),
    ]
    do {
      let checkpoint = try PassCheckpoint(
        try StateDirectory(StatePath(path)), name: "pass", plan: plan, lines: "l.jsonl", executor: FileThread(), elapsed: ManualTime().now)
      let page = try #require(try await checkpoint.next())
      try await checkpoint.changed(changes[0])
      var outcome = PassCheckpoint.Outcome(
        lastEvaluatedKey: nil, counts: PassCounts(), lines: Array(#"{"key":{"id":{"S":"a"}},"reason":"refused"}"#.utf8) + [0x0A])
      outcome.reasons = ["refused": 1]
      _ = try await checkpoint.completed(page, outcome)
      let seen = try #require(try PassCheckpoint.look(at: path, name: "pass", plan: plan, lines: "l.jsonl"))
      #expect(seen.changes == [changes[0]] && seen.status.doneSegments == 1 && seen.status.reasons == ["refused": 1])
      try await checkpoint.finish()
      try await checkpoint.changed(changes[1])
    }
    let again = try PassCheckpoint(
      try StateDirectory(StatePath(path)), name: "pass", plan: plan, lines: "l.jsonl", executor: FileThread(), elapsed: ManualTime().now)
    let (kept, status) = (await again.changes, await again.status)
    #expect(kept == changes && status.reasons == ["refused": 1])
    #expect(try PassCheckpoint.look(at: path, name: "other", plan: plan, lines: "l.jsonl") == nil)
  }
}
