import DualTableScan
import DynamoDBSimulator
import Foundation
import Glibc
import MigrationControl
import Synchronization
import TestSupport
import Testing

@testable import DualTableCommand

/// Links that somebody has put where the tool writes: what they lead to stays as it is, whatever becomes of the command.
@Suite(.timeLimit(.minutes(5))) struct PlantedLinkTests {
  static func place(items: Int = 10) async -> CommandPlace {
    let place = CommandPlace()
    _ = await place.run("seed --items \(items) --seed 4 --mapping users.yaml")
    return place
  }

  private static let passes = ["backfill --offline", "verify --offline --content"]

  /// Every name that a backfill and a verification ever have in their directory, as each request finds it.
  private static func names() async throws -> [String] {
    let place = await place()
    let seen = Mutex<Set<String>>([])
    place.engine.follow { [folder = place.folder] _, _ in
      let found = FileManager.default.enumerator(atPath: "\(folder.path)/state")?.compactMap { $0 as? String } ?? []
      seen.withLock { $0.formUnion(found) }
      return nil
    }
    for line in passes { #expect(await place.pass(line).status == .done) }
    // Written beside themselves first, between two requests.
    // Of files that differ in their numbers alone the first and the last: they are opened by the same lines.
    let families = Dictionary(grouping: seen.withLock { $0 }.subtracting(["verify"]).sorted()) { $0.filter { !$0.isNumber } }
    let names = families.values.flatMap { $0.count > 2 ? [$0[0], $0[$0.count - 1]] : $0 }.sorted()
    return names + names.filter { $0.hasSuffix(".json") || $0.hasSuffix(".yaml") }.map { "\($0).new" }
  }

  @Test func `no file of a run is written through a link in its place`() async throws {
    let names = try await Self.names()
    #expect(
      Set(names).isSuperset(of: ["manifest.json", "lock", "backfill.0.journal", "control.sock", "series.jsonl", "manifest.json.new"]))
    #expect(names.contains { $0.hasPrefix("verify/") && $0.contains("ids") || $0.contains("old") }, "\(names)")
    for (index, name) in names.enumerated() {
      let place = await Self.place(items: 4)
      let (victim, gone) = ("\(place.folder.path)/victim", "\(place.folder.path)/gone")
      for part in ["state", "state/verify"] { try #require(mkdir("\(place.folder.path)/\(part)", 0o700) == 0) }
      try place.folder.write("victim", Array("mine".utf8))
      try #require(symlink(index % 2 == 0 ? victim : gone, "\(place.folder.path)/state/\(name)") == 0)
      let run = await place.pass(Self.passes[name.hasPrefix("verify/") ? 1 : 0])
      if run.status == .failed {
        // What is read first is found to be none of the kit's.
        #expect(run.error.contains("symbolic link") || run.error.contains(" this kit"), "\(name): \(run.error)")
        #expect(run.error.split(separator: "\n").count == 1 && run.error.hasSuffix(".\n"), "\(name): \(run.error)")
      }
      #expect(try place.folder.text("victim") == "mine", "\(name) led to it")
      #expect(!File.exists(gone), "\(name) led to it")
    }
  }

  /// A file that a flag names, and a line that writes it.
  static let flags = [
    ("verify --offline --keys-out FILE", ""), ("report --output FILE", ".new"), ("report --output FILE", ""),
    ("rehearse --items 40 --faults none --state STATE/rehearsal --history FILE", ""),
  ]

  enum Plant: Sendable, CaseIterable {
    case link, dangling, hardLink, pipe, directory

    /// Puts it at `path`, leading to `victim` or, where nothing is, to `victim` + `-gone`.
    func put(at path: String, victim: String) throws {
      let made =
        switch self {
        case .link: symlink(victim, path)
        case .dangling: symlink("\(victim)-gone", path)
        case .hardLink: Glibc.link(victim, path)
        case .pipe: mkfifo(path, 0o600)
        case .directory: mkdir(path, 0o700)
        }
      try #require(made == 0)
    }
  }

  @Test(arguments: flags, Plant.allCases) func `no file that a flag names is written through what was planted`(
    _ flag: (line: String, ending: String), _ plant: Plant
  ) async throws {
    let place = await Self.place()
    _ = await place.pass("backfill --offline")
    let (file, victim) = ("\(place.folder.path)/out", "\(place.folder.path)/victim")
    try place.folder.write("victim", Array("mine".utf8))
    let planted = file + flag.ending
    try plant.put(at: planted, victim: victim)
    let line = flag.line.replacing("FILE", with: file).replacing("STATE", with: place.folder.path)
    let run = await place.run(
      "\(line) --mapping users.yaml".replacing(line.hasPrefix("report") ? " --mapping users.yaml" : "\u{0}", with: ""))
    #expect(try place.folder.text("victim") == "mine")
    #expect(!File.exists("\(victim)-gone"))
    // A report takes its name in one step, from whichever file had it.
    if flag.line.hasPrefix("report") && flag.ending.isEmpty && plant == .hardLink {
      #expect(run.status == .done && place.folder.mode("out") == 0o600, "\(run.error)")
      #expect(try place.folder.text("out").hasPrefix("<!DOCTYPE html>"))
    } else {
      #expect(run.status == .failed && run.error.contains(planted), "\(run.error)")
      #expect(run.error.hasPrefix("Error: ") && run.error.hasSuffix(".\n") && run.error.split(separator: "\n").count == 1, "\(run.error)")
    }
  }

  /// A line, and the part of the state directory that it works in.
  static let parts = [
    ("backfill --offline", ""), ("verify --offline", "/verify"), ("rehearse --items 40 --faults none --state STATE", "/run"),
    ("backfill --offline --dry-run", "/dry-run"), ("backfill --offline --keys KEYS", "/keys"), ("sweep --assume-phase new --yes", "/sweep"),
  ]

  @Test(arguments: parts) func `no directory is entered through a link, and nothing in it is removed`(_ line: String, _ part: String)
    async throws
  {
    let place = await Self.place()
    let (theirs, state) = ("\(place.folder.path)/theirs", "\(place.folder.path)/state")
    let names = ["a", "manifest.json", "run/a", "killed/a", "verify/manifest.json", "sweep/manifest.json"]
    for part in ["", "/run", "/killed", "/verify", "/sweep"] { try #require(mkdir(theirs + part, 0o700) == 0) }
    for name in names { try place.folder.write("theirs/\(name)", Array("mine".utf8)) }
    try place.folder.write("keys.jsonl", Array(#"{"finding":"missing","oldKey":{"id":{"S":"u-0"}}}"#.utf8))
    let command = line.replacing("STATE", with: state).replacing("KEYS", with: "\(place.folder.path)/keys.jsonl")
    func check(_ what: String) async throws {
      let run = await place.run("\(command) --mapping users.yaml")
      #expect(run.status == .failed && run.error.contains("symbolic link"), "\(what): \(run.error)")
      for name in names { #expect(try place.folder.text("theirs/\(name)") == "mine") }
    }
    try #require(symlink(theirs, state) == 0)
    if !line.hasPrefix("rehearse") { try await check("the directory itself") }
    unlink(state)
    guard !part.isEmpty else { return }
    try #require(mkdir(state, 0o700) == 0)
    try #require(symlink(theirs, state + part) == 0)
    try await check("its part")
    // Who can write to what the part lies in can put anything into its place.
    guard !line.hasPrefix("rehearse") else { return }
    try #require(unlink(state + part) == 0 && chmod(state, 0o770) == 0)
    let run = await place.run("\(command) --mapping users.yaml")
    #expect(run.status == .failed && run.error.contains("Other users can write to the directory \(state):"), "\(run.error)")
  }

  @Test func `a verification that ends leaves what somebody else has put beside its files`() async throws {
    let place = await Self.place()
    _ = await place.pass("backfill --offline")
    try #require(mkdir("\(place.folder.path)/state/verify", 0o700) == 0)
    try place.folder.write("state/verify/thesis.txt", Array("mine".utf8))
    for _ in 0..<2 {
      let run = await place.pass("verify --offline --keys-out \(place.folder.path)/state/verify/keys.jsonl")
      #expect(run.status == .done, "\(run.error)")
      #expect(try place.folder.text("state/verify/thesis.txt") == "mine")
      #expect(
        try File.names(in: "\(place.folder.path)/state/verify") == ["keys.jsonl", "lock", "result.json", "series.jsonl", "thesis.txt"])
    }
  }

  @Test(arguments: Plant.allCases) func `letters of a shared run go through nothing that was planted in their file's place`(_ plant: Plant)
    throws
  {
    let place = ControlPlace()
    let (file, victim) = ("\(place.folder.path)/letters.jsonl", "\(place.folder.path)/victim")
    try place.time.run {
      _ = await place.run("seed --items 4")
      _ = await place.run("phase init")
      try await place.set { $0.phase = .dualTable }
      _ = await place.run("backfill", more: ["DUALTABLE_STATE": ""])
      try place.folder.write("victim", Array("mine".utf8))
      try plant.put(at: file, victim: victim)
      let run = await place.run("status --keys-out \(file)", more: ["DUALTABLE_STATE": ""])
      #expect(run.status == .failed && run.error.contains(file), "\(run.error)")
      #expect(run.error.hasPrefix("Error: ") && run.error.hasSuffix(".\n") && run.error.split(separator: "\n").count == 1, "\(run.error)")
    }
    #expect(try place.folder.text("victim") == "mine" && !File.exists("\(victim)-gone"))
  }

  @Test func `a rehearsal empties no directory that isn't a rehearsal's`() async throws {
    let place = CommandPlace()
    for part in ["work", "work/run"] { try #require(mkdir("\(place.folder.path)/\(part)", 0o700) == 0) }
    try place.folder.write("work/run/thesis.txt", Array("mine".utf8))
    let line = "rehearse --items 40 --faults none --mapping users.yaml --state \(place.folder.path)/work"
    let run = await place.run(line)
    #expect(run.status == .failed && run.error.contains("holds what no rehearsal has left"), "\(run.error)")
    #expect(try place.folder.text("work/run/thesis.txt") == "mine")
    unlink("\(place.folder.path)/work/run/thesis.txt")
    // Once it is empty it is a rehearsal's, and the next one may have it, with what the one before has left.
    let stop = StopSignal()
    stop.request(.interrupted)
    for _ in 0..<2 {
      let run = await place.run(line, stop: stop)
      #expect(run.status == .interrupted, "\(run.error)")
      try place.folder.write("work/run/manifest.json", Array("left".utf8))
    }
  }

  @Test func `the server's tables go through no link that appears beside their file`() async throws {
    let folder = TemporaryDirectory()
    try folder.write("victim", Array("mine".utf8))
    try #require(symlink("\(folder.path)/victim", "\(folder.path)/tables.db.new") == 0)
    let stop = StopSignal()
    stop.request(.interrupted)
    let run = await ToolRun.run("local --port 0 --data \(folder.path)/tables.db", stop: stop)
    #expect(run.status == .failed && run.error.contains("tables.db.new") && run.error.contains("symbolic link"), "\(run.error)")
    #expect(try folder.text("victim") == "mine")
  }

  @Test func `whoever swaps a file for a link while a command writes it gets nothing`() async throws {
    let place = await Self.place()
    _ = await place.pass("backfill --offline")
    let (file, victim) = ("\(place.folder.path)/out", "\(place.folder.path)/victim")
    try place.folder.write("victim", Array("mine".utf8))
    final class Swapping: Sendable {
      let isOver = Atomic(false)
      let isDone = Atomic(false)
    }
    let swapping = Swapping()
    // On a thread of its own: those that run tasks are few.
    spawn {
      while !swapping.isOver.load(ordering: .relaxed) {
        for path in [file, "\(file).new"] {
          unlink(path)
          symlink(victim, path)
        }
        usleep(50)
      }
      swapping.isDone.store(true, ordering: .relaxed)
    }
    for _ in 0..<8 {
      for line in ["report --output \(file)", "verify --offline --mapping users.yaml --keys-out \(file)"] {
        let run = await place.run(line)
        #expect(run.status != .failed || run.error.hasPrefix("Error: "), "\(run.error)")
      }
    }
    swapping.isOver.store(true, ordering: .relaxed)
    while !swapping.isDone.load(ordering: .relaxed) { await Task.yield() }
    #expect(try place.folder.text("victim") == "mine")
  }
}
