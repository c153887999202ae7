import Glibc
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import AWSAuth

/// Programs that print credentials, as real processes.
@Suite struct ProgramTests {
  static let json =
    #"{"Version": 1, "AccessKeyId": "ASIAPROG", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2026-11-21T10:00:00Z"}"#

  /// A scene whose profile names a script with `body`; `SCRIPT` in `line` stands for its path.
  static func scene(_ body: String, line: String = "SCRIPT", environment: [String: String] = [:]) throws -> SourceScene {
    var scene = try SourceScene(environment: environment)
    let path = "\(scene.folder.path)/give"
    try scene.folder.write("give", Array("#!/bin/sh\n\(body)\n".utf8))
    chmod(path, 0o700)
    scene.environment["PATH"] = "/usr/bin:/bin"
    try scene.folder.write(".aws/config", Array("[profile p]\ncredential_process = \(line.replacing("SCRIPT", with: path))\n".utf8))
    return scene
  }

  /// With a clock that really waits.
  static func failure(_ scene: SourceScene, clock: any Clock<Duration> = ContinuousClock()) async -> CredentialError? {
    do throws(CredentialError) {
      _ = try await provider(scene, clock).credentials()
      return nil
    } catch {
      return error
    }
  }

  static func provider(_ scene: SourceScene, _ clock: any Clock<Duration> = ContinuousClock()) -> DefaultCredentialProvider {
    DefaultCredentialProvider(
      CredentialSurroundings(
        environment: scene.environment, wallClock: WallClock { SourceScene.now }, clock: clock,
        transport: { _ in SourceDouble(.lost(.connect, mayHaveArrived: false)) }), profile: "p")
  }

  @Test func `takes what the program prints`() async throws {
    let scene = try Self.scene("echo '\(Self.json)'; echo secret >&2")
    let found = try await Self.provider(scene).credentials()
    #expect(found.accessKeyID == "ASIAPROG" && found.sessionToken == "t" && found.expiration == SourceScene.laterMilliseconds)
  }

  @Test func `no shell looks at the line`() async throws {
    let scene = try Self.scene(
      #"for word; do echo "$word" >> "$HOME/words"; done; echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}'"#,
      line: #"SCRIPT 'a b' "c\"d" $HOME;touch `touch x` > y * $(touch z) | cat && true"#)
    _ = try await Self.provider(scene).credentials()
    #expect(try scene.folder.text("words") == "a b\nc\"d\n$HOME;touch\n`touch\nx`\n>\ny\n*\n$(touch\nz)\n|\ncat\n&&\ntrue\n")
  }

  @Test func `the program has the environment, no input, and signals as they come`() async throws {
    let scene = try Self.scene(
      #"read line; echo "[$line] $MARK" > "$HOME/seen"; grep SigIgn /proc/$$/status | tr -d '\t' >> "$HOME/seen"; echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}'"#,
      environment: ["MARK": "here"])
    _ = try await Self.provider(scene).credentials()
    let seen = try scene.folder.text("seen")
    // The C library keeps two signals above these to itself.
    #expect(seen.hasPrefix("[] here\nSigIgn:") && seen.hasSuffix("0000000\n"), "\(seen)")
  }

  @Test(
    arguments: [
      ("echo oops-secret >&2; exit 3", "SCRIPT", .programFailed, "ended with status 3"),
      ("kill -9 $$", "SCRIPT", .programFailed, "status 9"),
      ("", "/nowhere/program", .programFailed, "can't be started"), ("", "'unclosed", .malformed, "quote"),
      ("echo oops-secret", "SCRIPT", .badAnswer, "no JSON object"), ("echo '{\"Version\":2}'", "SCRIPT", .badAnswer, "version 1"),
      ("echo '{\"Version\":1,\"AccessKeyId\":\"oops-secret\"}'", "SCRIPT", .badAnswer, "holds no credentials"),
      (
        "echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"oops-secret\",\"Expiration\":\"x\"}'", "SCRIPT", .badAnswer,
        "no time"
      ),
      (
        "echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2020-01-01T00:00:00Z\"}'", "SCRIPT",
        .expired, "ended already"
      ),
      ("head -c 1000000 /dev/zero", "SCRIPT", .badAnswer, "over 64 KB"),
      ("while true; do echo x; done", "SCRIPT", .badAnswer, "over 64 KB"),
    ] as [(String, String, CredentialError.Code, String)])
  func `tells failures apart`(_ body: String, _ line: String, _ code: CredentialError.Code, _ words: String) async throws {
    let error = try #require(await Self.failure(try Self.scene(body, line: line)))
    #expect(error.code == code && error.message.contains(words) && !error.message.contains("oops-secret"), "\(error)")
  }

  @Test func `a program that hangs is ended, with all that it has started`() async throws {
    let scene = try Self.scene(#"sleep 1000 & echo $! > "$HOME/child"; sleep 1000"#)
    // Time jumps, but only once the program has come so far.
    let clock = WaitingClock { (try? scene.folder.text("child").hasSuffix("\n")) == true }
    let error = try #require(await Self.failure(scene, clock: clock))
    #expect(error.code == .timeout && error.message.contains("60 s"))
    let id = try #require(Int32(try scene.folder.text("child").split(separator: "\n")[0]))
    // Gone, or a zombie that nobody has waited for yet.
    for _ in 0..<500 where kill(id, 0) == 0 && !Self.isDead(id) { usleep(10_000) }
    #expect(kill(id, 0) != 0 || Self.isDead(id))
  }

  /// What a failed program's run closes is its own: closed a second time, the number may be another's socket, which then never wakes.
  @Test func `no descriptor of anybody else is closed when programs fail`() async throws {
    let scene = try Self.scene("exit 3")
    let surroundings = CredentialSurroundings(
      environment: scene.environment, wallClock: WallClock { SourceScene.now }, clock: ContinuousClock(),
      transport: { _ in SourceDouble(.answer(200, "")) })
    let run = ProgramRun(words: ["\(scene.folder.path)/give"], name: "it", surroundings: surroundings)
    let others = Others()
    // On threads of their own: those that run tasks are few.
    for _ in 0..<2 { spawn { others.run() } }
    for _ in 0..<100 {
      let error = await #expect(throws: CredentialError.self) { _ = try await run.output() }
      #expect(error?.message.contains("ended with status 3") == true)
    }
    others.isOver.store(true, ordering: .relaxed)
    while others.ended.load(ordering: .relaxed) < 2 { await Task.yield() }
    #expect(others.lost.load(ordering: .relaxed) == 0)
  }

  /// Opens and closes, and notices a descriptor that is gone.
  private final class Others: Sendable {
    let isOver = Atomic(false)
    let lost = Atomic(0)
    let ended = Atomic(0)

    func run() {
      while !isOver.load(ordering: .relaxed) {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        for _ in 0..<20 { sched_yield() }
        if close(descriptor) != 0 { lost.wrappingAdd(1, ordering: .relaxed) }
      }
      ended.wrappingAdd(1, ordering: .relaxed)
    }
  }

  @Test func `a program ends with the task that waits for it alone`() async throws {
    let scene = try Self.scene("exec sleep 1000")
    let run = ProgramRun(words: ["\(scene.folder.path)/give"], name: "it", surroundings: scene.surroundings(SourceDouble(.answer(200, ""))))
    let error = await withTaskGroup(of: CredentialError?.self) { group in
      group.addTask {
        do throws(CredentialError) {
          _ = try await run.output()
          return nil
        } catch {
          return error
        }
      }
      group.cancelAll()
      return await group.next() ?? nil
    }
    #expect(error?.code == .cancelled)
  }

  private static func isDead(_ id: Int32) -> Bool {
    guard let file = unsafe fopen("/proc/\(id)/stat", "r") else { return true }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 200)
    guard unsafe fgets(&line, 200, file) != nil else { return true }
    return String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).contains(") Z ")
  }
}

/// A clock that stands still, while its sleeps really take time, until something holds; then they take none, and it goes on by them.
private struct WaitingClock: Clock {
  let holds: @Sendable () -> Bool
  private let inner = SteppedClock()
  init(_ holds: @escaping @Sendable () -> Bool) { self.holds = holds }
  var now: SteppedClock.Instant { inner.now }
  var minimumResolution: Duration { inner.minimumResolution }
  func sleep(until deadline: SteppedClock.Instant, tolerance: Duration?) async throws {
    if holds() { try await inner.sleep(until: deadline, tolerance: nil) } else { try await ContinuousClock().sleep(for: .milliseconds(20)) }
  }
}
