import DualTableScan
import DynamoDBSimulator
import Glibc
import TestSupport
import Testing

@testable import DualTableVerify

/// A disk that is full at any point: one sentence, never a clean result, and on again once there is room.
@Suite struct DiskFullTests {
  @Test func `a file of keys that can't be written stops a verification before it reads`() async throws {
    let scene = try await VerifyScene(backfilled: (0..<5).map { VerifyScene.item($0) })
    let path = "\(scene.directory.path)/no/such/keys.jsonl"
    let error = await #expect(throws: VerifyError.self) { _ = try await scene.verify { $0.keysOut = path } }
    #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("The verification stopped: Opening \(path) failed (No such file or directory)"))
    #expect(try scene.directory.bytes("verify/old.0.ids").isEmpty)
  }

  @Test(
    .enabled(if: FullDevice.isAvailable, "a full disk is played by a device, which takes root to make"),
    arguments: ["old.0.ids", "new.0.ids", "suspects.0.ids", "found.jsonl", "unconvertible.jsonl", "the file of keys"])
  func `disk full ends in one clear sentence, and nothing is reported clean`(file: String) async throws {
    let scene = try await VerifyScene(backfilled: (0..<60).map { VerifyScene.item($0, $0 == 7 ? "bad" : "") })
    for number in 20..<24 { scene.engine.change { $0.delete(VerifyScene.newKey(number), in: "new") } }
    // A device that takes no byte stands for a disk that has no room left.
    let place = file == "the file of keys" ? "\(scene.directory.path)/keys.jsonl" : "\(scene.directory.path)/verify/\(file)"
    unsafe mkdir("\(scene.directory.path)/verify", 0o700)
    try FullDevice.make(at: place)
    let error = await #expect(throws: VerifyError.self) { _ = try await scene.verify(segments: 1) }
    let sentence = "\(error.map { "\($0)" } ?? "")"
    #expect(error?.code == .state)
    #expect(
      sentence.hasPrefix("The verification stopped: Writing \(place) failed (No space left on device): free some space"), "\(sentence)")
    #expect(sentence.hasSuffix(".") && !sentence.dropLast().contains(". "))

    try #require(unsafe unlink(place) == 0)
    let result = try await scene.verify(segments: 1)
    #expect(result.missing == 4 && result.unconvertible == 1 && result.verdict == .findings)
    #expect(try scene.findings() == (20..<24).map { "missing u-\($0)" } + ["unconvertible u-7"])
  }
}
