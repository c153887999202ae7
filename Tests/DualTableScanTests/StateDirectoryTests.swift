import Glibc
import TestSupport
import Testing

@testable import DualTableScan

@Suite struct StateDirectoryTests {
  let directory = TemporaryDirectory()

  static let manifest = RunManifest(
    command: "backfill", old: .init(name: "users", endpoint: "http://127.0.0.1:8000"),
    new: .init(name: "arn:aws:dynamodb:eu-central-1:1:table/users2", endpoint: "https://dynamodb.eu-central-1.amazonaws.com"),
    mapping: "9f86d081", mode: "", segments: [64, 20], seed: .max)

  @Test func `a second holder is refused, by the first one's process`() throws {
    let path = "\(directory.path)/a/b"
    do {
      let first = try StateDirectory(StatePath(path))
      let error = #expect(throws: StateError.self) { _ = try StateDirectory(StatePath(path)) }
      #expect(error?.code == .locked)
      #expect(
        error?.message == "The state directory \(path) is in use by process \(getpid()): wait for it to end, or choose another directory.")
      withExtendedLifetime(first) {}
    }
    _ = try StateDirectory(StatePath(path))
  }

  @Test func `the lock holds as long as a checkpoint is open`() async throws {
    let path = "\(directory.path)/state"
    do {
      let checkpoint = try PassCheckpoint(
        try StateDirectory(StatePath(path)), name: "p", plan: SegmentPlan(count: 1, seed: 0), executor: FileThread(),
        elapsed: ManualTime().now)
      #expect(throws: StateError.self) { _ = try StateDirectory(StatePath(path)) }
      _ = try await checkpoint.next()
    }
    _ = try StateDirectory(StatePath(path))
  }

  @Test func `a run goes on with its own segments and seed`() throws {
    let path = "\(directory.path)/state"
    #expect(try StateDirectory(StatePath(path)).manifest(proposed: Self.manifest) == Self.manifest)
    var other = Self.manifest
    other.segments = [1, 1]
    other.seed = 0
    #expect(try StateDirectory(StatePath(path)).manifest(proposed: other) == Self.manifest)
  }

  @Test(arguments: [
    ("command", "backfill", "verify"),
    ("old table", "users", "orders"),
    ("old table's endpoint", "http://127.0.0.1:8000", "http://127.0.0.1:8001"),
    ("new table", "arn:aws:dynamodb:eu-central-1:1:table/users2", "orders"),
    ("new table's endpoint", "https://dynamodb.eu-central-1.amazonaws.com", "http://127.0.0.1:8001"),
    ("mapping", "9f86d081", "60303ae2"),
    ("mode", "none", "keys"),
    ("number of segments", "64 and 20", "64"),
  ])
  func `another run is refused with the difference`(what: String, ours: String, theirs: String) throws {
    let path = "\(directory.path)/state"
    _ = try StateDirectory(StatePath(path)).manifest(proposed: Self.manifest)
    var other = Self.manifest
    switch what {
    case "command": other.command = theirs
    case "old table": other.old.name = theirs
    case "old table's endpoint": other.old.endpoint = theirs
    case "new table": other.new.name = theirs
    case "new table's endpoint": other.new.endpoint = theirs
    case "mapping": other.mapping = theirs
    case "mode": other.mode = theirs
    default: other.segments = [64]
    }
    let error = #expect(throws: StateError.self) { _ = try StateDirectory(StatePath(path)).manifest(proposed: other, segmentsAsked: true) }
    #expect(error?.code == .mismatch)
    #expect(
      error?.message
        == "The state directory \(path) belongs to another run: its \(what) is \(ours) and this one's \(theirs); choose another directory.")
  }

  @Test func `what ends takes its own files with it, and nobody else's`() throws {
    let path = "\(directory.path)/state"
    let held = try StateDirectory(StatePath(path))
    _ = try held.manifest(proposed: Self.manifest)
    let ours = ["manifest.json.new", "old.json", "old.json.new", "old.0.journal", "old.17.journal", "spill"]
    let theirs = [
      "keys.jsonl", "old", "old.journal", "old.x.journal", "old.0.journal.gz", "new.json", "older.json", "manifest.json.bak", ".hidden",
    ]
    for name in ours + theirs { try directory.write("state/\(name)", [0x61]) }
    try held.clear(passes: ["old"]) { $0 == "spill" }
    #expect(try File.names(in: path) == (theirs + ["lock"]).sorted())
  }

  @Test func `a part lies in directories that nobody else can write to, and in none behind a link`() throws {
    let place = StatePath("\(directory.path)/state").part("one").part("two")
    #expect(place.path == "\(directory.path)/state/one/two" && "\(place)" == place.path)
    _ = try StateDirectory(place)
    for outer in ["state", "state/one", "state/one/two"] {
      let path = "\(directory.path)/\(outer)"
      for mode: mode_t in [0o770, 0o707] {
        try #require(chmod(path, mode) == 0)
        let error = #expect(throws: StateError.self) { _ = try StateDirectory(place) }
        #expect(error?.message.contains("Other users can write to the directory \(path):") == true)
      }
      try #require(chmod(path, 0o700) == 0 && rename(path, "\(path)-moved") == 0 && symlink("\(path)-moved", path) == 0)
      let error = #expect(throws: StateError.self) { _ = try StateDirectory(place) }
      #expect(error?.message.hasPrefix("Opening \(path) failed") == true && error?.message.contains("symbolic link") == true)
      try #require(unlink(path) == 0 && rename("\(path)-moved", path) == 0)
    }
    _ = try StateDirectory(place)
  }

  @Test func `how long it is tells no link and no pipe that somebody has put there`() throws {
    let state = try StateDirectory(StatePath("\(directory.path)/state"))
    let before = try state.length()
    try directory.write("state/ours", Array("mine".utf8))
    try #require(symlink("gone", "\(directory.path)/state/dangling") == 0)
    try #require(symlink("/dev/zero", "\(directory.path)/state/device") == 0)
    // Opened, it would wait for somebody at its other end.
    try #require(mkfifo("\(directory.path)/state/pipe", 0o600) == 0)
    #expect(try state.length() == before + 4)
  }

  @Test func `another format is refused`() throws {
    let path = "\(directory.path)/state"
    _ = try StateDirectory(StatePath(path))
    try directory.write("state/manifest.json", Array(#"{"version": 3, "anything": []}"#.utf8))
    let error = #expect(throws: StateError.self) { _ = try StateDirectory(StatePath(path)).manifest(proposed: Self.manifest) }
    #expect(error?.code == .mismatch && error?.message.contains("has format 3") == true)
  }

  @Test(arguments: ["", "{}", "[]", #"{"version": 2, "command": 3}"#])
  func `what isn't a manifest is refused`(text: String) throws {
    let path = "\(directory.path)/state"
    _ = try StateDirectory(StatePath(path))
    try directory.write("state/manifest.json", Array(text.utf8))
    let error = #expect(throws: StateError.self) { _ = try StateDirectory(StatePath(path)).manifest(proposed: Self.manifest) }
    #expect(error?.code == .damaged)
  }
}
