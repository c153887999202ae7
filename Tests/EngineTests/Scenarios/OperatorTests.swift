import DynamoDBClient
import DynamoDBModel
import Glibc
import TestSupport
import Testing

/// What an operator does to a backfill that runs: looks at it, steers it, interrupts it, and goes on.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(5))) struct OperatorTests {
  /// One is enough: what is tested is the process. Our own where it runs, since it alone is there on every machine.
  static var engine: Engine { Engine.served.first { $0.name == "local" } ?? Engine.served[0] }

  // MARK: - Metrics

  @Test("--metrics-port: Prometheus text on loopback, the same figures as the progress; another address only by name")
  func metrics() async throws {
    try await RunningBackfill.with(items: 400, on: Self.engine) { backfill, _ in
      let running = try await backfill.start(["--write-wcu", "60", "--metrics-port", "0"])
      let port = try #require(Self.metricsPort(running.said), "\(running.said)")
      // Nothing moves while it pauses, so that two looks show the same.
      try await backfill.expectDone(["pause"])
      let status = try await backfill.settled()
      let text = try #require(Self.get("/metrics", port))
      #expect(text.contains("200 OK") && text.lowercased().contains("content-type: text/plain; version=0.0.4"), "\(text)")
      #expect(Self.value("dualtable_scanned_items_total", text) == status["scanned"]?.integer)
      for outcome in ["migrated", "alreadyThere", "superseded", "deleted", "filtered", "failed"] {
        #expect(Self.value("dualtable_items_total{outcome=\"\(outcome)\"}", text) == status[outcome]?.integer)
      }
      #expect(Self.value("dualtable_paused", text) == 1 && Self.value("dualtable_segments", text) == 16)
      #expect(Self.value("dualtable_capacity_limit_units_per_second{access=\"write\"}", text) == 60)
      #expect(Self.get("/other", port)?.contains("404") == true)
      // Linux has all of 127/8 on loopback; only the one address is listened at.
      #expect(Self.get("/metrics", port, at: "127.0.0.2") == nil)

      let other = RunningBackfill(tool: Tool(engine: Self.engine, folder: TemporaryDirectory()), old: backfill.old, new: backfill.new)
      let second = try await other.run(["--metrics-port", "\(port)"])
      #expect(second.status == 2 && second.errors.split(separator: "\n").count == 1)
      #expect(second.errors.contains("another process listens there") && second.errors.contains("--metrics-port"), "\(second.errors)")
      let named = try tool(other, ["--metrics-port", "127.0.0.2:0", "--max-items", "1"])
      try await named.wait("its metrics") { Self.metricsPort(named.said) != nil || !named.said.isEmpty }
      #expect(named.said.contains("http://127.0.0.2:"), "\(named.said)")
      running.send(SIGKILL)
    }
  }

  private func tool(_ backfill: RunningBackfill, _ more: [String]) throws -> RunningTool { try backfill.tool.start(backfill.line(more)) }

  private static func metricsPort(_ said: String) -> Int? {
    said.split(separator: "\n").first { $0.hasPrefix("Metrics are at") }?.split(separator: ":").last
      .flatMap { Int($0.prefix { $0.isNumber }) }
  }

  private static func value(_ sample: String, _ text: String) -> Int? {
    text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(sample + " ") }?.split(separator: " ").last
      .flatMap { Double($0) }.map { Int($0) }
  }

  private static func get(_ path: String, _ port: Int, at host: String = "127.0.0.1") -> String? {
    guard var peer = TestServer.connection(to: port, at: host) else { return nil }
    peer.send("GET \(path) HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\r\n")
    var bytes: [UInt8] = []
    while let more = peer.receive() { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - Steering

  @Test("status and ctl through a socket of mode 0600: rates, open segments, pause, resume, stop; every change is written down")
  func steering() async throws {
    try await RunningBackfill.with(items: 600, on: Self.engine) { backfill, _ in
      let nothing = try await backfill.ctl(["pause"])
      try backfill.expect(nothing, 2, "No run is under way in \(backfill.state)")
      let none = try await backfill.tool.run(["status", "--state", backfill.state])
      try backfill.expect(none, 2, "There is no run in \(backfill.state)")

      let running = try await backfill.start(["--write-wcu", "30"])
      #expect(backfill.tool.folder.mode("state/control.sock") == 0o600 && backfill.tool.folder.mode("state") == 0o700)
      let first = try await backfill.status()
      #expect(first["running"]?.bool == true && first["writeLimit"]?.string == nil && first["paused"]?.bool == false)
      try await backfill.expectDone(["pause"])
      let paused = try await backfill.settled()
      try await ContinuousClock().sleep(for: .milliseconds(400))
      #expect(try await backfill.status()["scanned"] == paused["scanned"])
      try await backfill.expectDone(["set", "--write-wcu", "80", "--open-segments", "2"])
      try await backfill.expectDone(["resume"])
      let before = try await backfill.count("scanned")
      try await running.wait("more items") { try await backfill.count("scanned") > before }
      let steered = try await backfill.status()
      #expect(steered["writeLimit"] == .number("80.0") && steered["paused"]?.bool == false, "\(steered.text)")
      #expect(steered["changes"]?.array?.count == 3, "\(steered.text)")
      let refused = try await backfill.ctl(["set", "--write-wcu", "50%"])
      try backfill.expect(refused, 2, "is on demand, so nothing is provisioned to take 50% of")
      let slip = try await backfill.ctl(["set"])
      try backfill.expect(slip, 2, "There is nothing to set; give --read-rcu, --write-wcu or --open-segments.")

      try await backfill.expectDone(["stop"])
      let stopped = try await running.end()
      try backfill.expect(stopped, 130, "run the same command again to go on")
      let after = try await backfill.status()
      #expect(after["running"]?.bool == false && after["more"]?.bool == true)
      let changes = after["changes"]?.array?.compactMap { $0["what"]?.string }
      #expect(changes == ["paused", "--write-wcu 80 --open-segments 2", "resumed", "stopped"], "\(after.text)")
      try await backfill.finish(600)
      #expect(try await backfill.status()["more"]?.bool == false)
    }
  }

  // MARK: - Signals and limits

  @Test("First signal: finish, checkpoint, say how to go on; second: stop at once; limits exit 3; SIGSTOP changes nothing")
  func signals() async throws {
    try await RunningBackfill.with(items: 600, on: Self.engine) { backfill, _ in
      let first = try await backfill.start(["--write-wcu", "30"])
      first.send(SIGINT)
      let asked = ContinuousClock.now
      let interrupted = try await first.end()
      #expect(ContinuousClock.now - asked < .seconds(10))
      try backfill.expect(interrupted, 130, "Interrupted; run the same command again to go on.")
      #expect(try interrupted.json()["more"]?.bool == true)

      // Paused, it finishes nothing by itself: only the second signal ends it.
      let second = try await backfill.start(["--write-wcu", "30"])
      second.send(SIGTERM)
      second.send(SIGTERM)
      #expect(try await second.end().status == 130)

      let limited = try await backfill.run(["--max-items", "60"])
      try backfill.expect(limited, 3, "run the same command again to go on")
      let timed = try await backfill.run(["--write-wcu", "30", "--time-limit", "1s"])
      try backfill.expect(timed, 3, "run the same command again to go on")
      #expect(try timed.json()["more"]?.bool == true)

      let suspended = try await backfill.start(["--write-wcu", "100"])
      let before = try await backfill.count("scanned")
      suspended.send(SIGSTOP)
      try await ContinuousClock().sleep(for: .seconds(2))
      suspended.send(SIGCONT)
      try await suspended.wait("more items") { try await backfill.count("scanned") > before }
      suspended.send(SIGKILL)
      _ = try await suspended.end()
      try await backfill.finish(600)
    }
  }

  // MARK: - State

  @Test("A state directory of another table, mapping or version is refused with the difference named; two runs at once are")
  func otherState() async throws {
    try await RunningBackfill.with(items: 40, on: Self.engine) { backfill, client in
      try await client.withTable { third in
        let running = try await backfill.start(["--write-wcu", "1"])
        let beside = try await backfill.run()
        #expect(beside.status == 2 && beside.errors.contains(backfill.state), "\(beside.errors)")
        running.send(SIGKILL)
        _ = try await running.end()
        var other = backfill
        other.mapping = Tool.mapping("identity.yaml")
        try Self.expectRefused(try await other.run(), "mapping")
        other = RunningBackfill(tool: backfill.tool, old: backfill.old, new: third)
        try Self.expectRefused(try await other.run(), "new table", third, backfill.new)
        other = RunningBackfill(tool: backfill.tool, old: third, new: backfill.new)
        try Self.expectRefused(try await other.run(), "old table", third, backfill.old)
        let verify = try await backfill.tool.run(["verify", "--state", backfill.state] + backfill.tables)
        #expect(verify.status == 1, "a verification has a directory of its own below: \(verify.errors)")
        let manifest = try backfill.tool.folder.text("state/manifest.json")
        try backfill.tool.folder.write("state/manifest.json", Array(manifest.replacing("\"version\": 2", with: "\"version\": 1").utf8))
        try Self.expectRefused(try await backfill.run(), "format 1", "format 2")
        try backfill.tool.folder.write("state/manifest.json", Array(manifest.utf8))
        try await backfill.finish(40)
      }
    }
  }

  private static func expectRefused(_ result: Tool.Result, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(result.status == 2 && result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    for word in words { #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: sourceLocation) }
  }

  @Test("A disk that fills up while it runs: it stops with the reason, and goes on once there is room")
  func fullDisk() async throws {
    try await RunningBackfill.with(items: 120, on: Self.engine) { backfill, _ in
      // A disk of its own, where this process may mount one; else there is nothing to fill.
      #expect(mkdir(backfill.state, 0o700) == 0)
      guard unsafe mount("none", backfill.state, "tmpfs", 0, "size=128k,mode=700") == 0 else { return }
      defer { _ = umount2(backfill.state, Int32(MNT_DETACH)) }
      let running = try await backfill.start(["--write-wcu", "60", "--read-rcu", "20"])
      let filler = open("\(backfill.state)/filler", O_WRONLY | O_CREAT, 0o600)
      let block = [UInt8](repeating: 1, count: 4_096)
      while unsafe write(filler, block, block.count) > 0 {}
      close(filler)
      let result = try await running.end()
      try backfill.expect(result, 2, "free some space")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
      #expect(unlink("\(backfill.state)/filler") == 0)
      try await backfill.finish(120)
    }
  }

  // MARK: - Bounds

  @Test("At most one line a segment at info; --memory-limit: under 64 MB with items of 400 KB")
  func bounds() async throws {
    // The quickest with items of this size.
    let engine = Engine.served.first { $0.name == "dynoxide" } ?? Self.engine
    try await RunningBackfill.with(items: 100, on: engine) { backfill, client in
      let text = String(repeating: "x", count: 409_000)
      for number in 0..<60 {
        _ = try await client.putItem(
          PutItemInput(tableName: backfill.old, item: ["id": .string("large-\(number)"), "text": .string(text)]))
      }
      for limit in ["16MB", "4MB"] {
        let state = "\(backfill.state)-\(limit)"
        let result = try await backfill.tool.run(
          ["backfill", "--state", state, "--segments", "32", "--memory-limit", limit] + backfill.tables)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count <= 32, "\(result.errors)")
        let json = try result.json()
        let peak = try #require(json["peakMemoryBytes"]?.integer)
        #expect(json["scanned"]?.integer == 160 && (peak < 64 << 20 || Sanitizer.isThere) && peak > 1 << 20, "\(limit): \(peak >> 20) MB")
      }
    }
  }
}

extension RunningBackfill {
  fileprivate func expectDone(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let result = try await ctl(arguments)
    #expect(result.status == 0 && result.output.hasPrefix("Done: "), "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
  }

  /// What `status` says once it says the same twice: a run that pauses is told of once a second.
  fileprivate func settled() async throws -> JSONValue {
    while true {
      let before = try await status()
      try await ContinuousClock().sleep(for: .milliseconds(1_200))
      let now = try await status()
      if now["scanned"] == before["scanned"], now["paused"]?.bool == true { return now }
    }
  }
}
