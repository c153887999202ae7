import Foundation
import TestSupport
import Testing

/// The fuzz targets in the ordinary test binary: what the corpus holds, and a little of what chance makes of it. Coverage guides none of
/// this; `Tests/fuzz` does that, with the address sanitizer.
@Suite(.timeLimit(.minutes(5))) struct FuzzTests {
  /// Where the committed inputs lie, a folder a target.
  static let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

  /// The committed inputs of a target, in the order of their names.
  static func inputs(of name: String) throws -> [[UInt8]] {
    let folder = corpus.appending(path: name)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      try TemporaryDirectory.bytes(at: "\(folder.path)/\($0)")
    }
  }

  /// Mutations of each input: 100 unless `DUALTABLE_SEEDS` says another number.
  static var rounds: Int { getenv("DUALTABLE_SEEDS").flatMap { Int(String(cString: $0)) } ?? 100 }

  /// Where the input of the moment is kept: what traps takes its process along.
  static func place(_ name: String) -> String { "/tmp/dualtable-fuzz-input-\(name)" }

  @Test(arguments: FuzzTarget.all.map(\.name)) func `nothing traps or disagrees with itself`(_ name: String) async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) { [name = name as String] in
      try Self.run(try #require(FuzzTarget.all.first { $0.name == name }), FuzzTests.inputs(of: name))
    }
    if let result {
      unlink(Self.place(name))
      #expect(result.standardErrorContent.isEmpty)
    } else {
      Issue.record("\(name) failed with the input in \(Self.place(name)) (seed \(Self.seed))")
    }
  }

  static let seed: UInt64 = 20_261_121

  private static func run(_ target: FuzzTarget, _ inputs: [[UInt8]]) throws {
    try #require(!inputs.isEmpty, "\(target.name) has no corpus")
    var mutation = Mutation(inputs, seed: seed)
    for input in inputs { try attempt(input, target) }
    for input in inputs { for _ in 0..<rounds { try attempt(mutation.change(input), target) } }
  }

  private static func attempt(_ input: [UInt8], _ target: FuzzTarget) throws {
    try TemporaryDirectory.write(input, at: place(target.name))
    target.run(input)
  }

  @Test func `an input that traps is told, and kept`() async throws {
    unlink(Self.place("trap"))
    await #expect(processExitsWith: .failure) {
      let trap = FuzzTarget(name: "trap") { bytes in precondition(bytes.first != 0x21, "found") }
      try FuzzTests.run(trap, [Array("?y".utf8), Array("!x".utf8)])
    }
    #expect(try TemporaryDirectory.bytes(at: Self.place("trap")) == Array("!x".utf8))
    unlink(Self.place("trap"))
  }

  @Test func `names differ, and each target has inputs`() throws {
    #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
    #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
  }
}

/// Changes inputs by chance: bits, bytes, stretches, numbers at their limits, and pieces of other inputs.
private struct Mutation {
  private let inputs: [[UInt8]]
  private var state: UInt64

  init(_ inputs: [[UInt8]], seed: UInt64) {
    self.inputs = inputs
    state = seed
  }

  private static let pieces = [
    "9223372036854775807", "-1", "0", "1e999", "18446744073709551616", "\"", "{", "}", "[", "]", ",", ":", "\\u0000", "\u{FFFF}", "\n",
    "\r\n", "null", "(", ")", "AND", "NOT", "#", "{}",
  ].map { Array($0.utf8) }

  mutating func change(_ input: [UInt8]) -> [UInt8] {
    var bytes = input
    for _ in 0...below(4) {
      let place = below(bytes.count + 1)
      switch below(6) {
      case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
      case 1 where place < bytes.count: bytes[place] = UInt8(below(256))
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
      case 3: bytes.insert(contentsOf: Self.pieces[below(Self.pieces.count)], at: place)
      case 4:
        let other = inputs[below(inputs.count)]
        let start = below(other.count + 1)
        bytes.insert(contentsOf: other[start..<min(other.count, start + 1 + below(64))], at: place)
      default: bytes.replaceSubrange(place..<min(bytes.count, place + 1 + below(8)), with: Self.pieces[below(Self.pieces.count)])
      }
    }
    return bytes
  }

  /// SplitMix64.
  private mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(limit))
  }
}
