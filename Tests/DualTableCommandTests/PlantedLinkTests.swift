import DualTableScan
import DynamoDBSimulator
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DualTableCommand

/// Links that somebody has put where the tool writes: what they lead to stays as it is, whatever becomes of the command.
@Suite(.timeLimit(.minutes(5))) struct PlantedLinkTests {
  private static func place(items: Int = 10) async -> CommandPlace {
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
    let names = seen.withLock { $0 }.subtracting(["verify"]).sorted()
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
  }

  @Test(arguments: flags, Plant.allCases) func `no file that a flag names is written through what was planted`(
    _ flag: (line: String, ending: String), _ plant: Plant
  ) async throws {
    let place = await Self.place()
    _ = await place.pass("backfill --offline")
    let (file, victim) = ("\(place.folder.path)/out", "\(place.folder.path)/victim")
    try place.folder.write("victim", Array("mine".utf8))
    let planted = file + flag.ending
    let made =
      switch plant {
      case .link: symlink(victim, planted)
      case .dangling: symlink("\(place.folder.path)/gone", planted)
      case .hardLink: link(victim, planted)
      case .pipe: mkfifo(planted, 0o600)
      case .directory: mkdir(planted, 0o700)
      }
    try #require(made == 0)
    let line = flag.line.replacing("FILE", with: file).replacing("STATE", with: place.folder.path)
    let run = await place.run(
      "\(line) --mapping users.yaml".replacing(line.hasPrefix("report") ? " --mapping users.yaml" : "\u{0}", with: ""))
    #expect(try place.folder.text("victim") == "mine")
    #expect(!File.exists("\(place.folder.path)/gone"))
    // A report takes its name in one step, from whatever had it, but for a directory.
    if flag.line.hasPrefix("report") && flag.ending.isEmpty && plant != .directory {
      #expect(run.status == .done && place.folder.mode("out") == 0o600, "\(run.error)")
      #expect(try place.folder.text("out").hasPrefix("<!DOCTYPE html>"))
    } else {
      #expect(run.status == .failed && run.error.contains(planted), "\(run.error)")
      #expect(run.error.hasPrefix("Error: ") && run.error.hasSuffix(".\n") && run.error.split(separator: "\n").count == 1, "\(run.error)")
    }
  }

  @Test(arguments: ["backfill --offline", "verify --offline", "rehearse --items 40 --faults none --state STATE"])
  func `no directory is entered through a link, and nothing in it is removed`(_ line: String) async throws {
    let place = await Self.place()
    let (theirs, state) = ("\(place.folder.path)/theirs", "\(place.folder.path)/state")
    for part in ["", "/run", "/killed", "/verify"] { try #require(mkdir(theirs + part, 0o700) == 0) }
    for name in ["a", "run/a", "killed/a", "verify/manifest.json"] { try place.folder.write("theirs/\(name)", Array("mine".utf8)) }
    func check(_ what: String) async throws {
      let run = await place.run("\(line.replacing("STATE", with: state)) --mapping users.yaml")
      #expect(run.status == .failed && run.error.contains("symbolic link"), "\(what): \(run.error)")
      for name in ["a", "run/a", "killed/a", "verify/manifest.json"] { #expect(try place.folder.text("theirs/\(name)") == "mine") }
    }
    try #require(symlink(theirs, state) == 0)
    if !line.hasPrefix("rehearse") { try await check("the directory itself") }
    unlink(state)
    guard line.hasPrefix("rehearse") || line.hasPrefix("verify") else { return }
    try #require(mkdir(state, 0o700) == 0)
    try #require(symlink(theirs, "\(state)/\(line.hasPrefix("verify") ? "verify" : "run")") == 0)
    try await check("its part")
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
