import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Glibc
import TestSupport
import Testing

@testable import DualTableVerify

/// Losses of five kinds among many items: exactly those are reported, what can be is mended, and then all is clean.
@Suite struct PlantedLossesTests {
  /// More by `DUALTABLE_ITEMS`.
  static let items = unsafe getenv("DUALTABLE_ITEMS").flatMap { unsafe Int(String(cString: $0)) } ?? 1_000

  enum Loss: Int, CaseIterable {
    /// The new item is gone.
    case removed
    /// It lies under another key.
    case misKeyed
    /// One of two results of an old item is gone.
    case halfFannedOut
    /// It has another content.
    case changed
    /// The old item can't be converted.
    case unconvertible
  }

  @Test func `planted losses of five kinds: exactly those are reported, mended, and then clean`() async throws {
    let (count, each) = (Self.items, Self.items < 20_000 ? 20 : 200)
    // Spread evenly, no two in one place; those that fan out carry a twin.
    func loss(_ number: Int) -> Loss? {
      let distance = count / (each * Loss.allCases.count)
      return number % distance == 0 ? Loss(rawValue: number / distance % Loss.allCases.count) : nil
    }
    func item(_ number: Int) -> Item {
      VerifyScene.item(number, loss(number) == .halfFannedOut ? "twin" : loss(number) == .unconvertible ? "bad" : "")
    }
    let scene = try await VerifyScene(old: [], new: [], itemsInPage: 1_000)
    var expected: [String] = []
    for number in 0..<count {
      let old = item(number)
      var results = (try? TestMapping().convert(old)) ?? []
      switch loss(number) {
      case nil: break
      case .removed: results = []
      case .misKeyed: results[0]["pk"] = .string("USR#u-\(number)")
      case .halfFannedOut: results.removeLast()
      case .changed: results[0]["v"] = .string("changed")
      case .unconvertible: break
      }
      if let loss = loss(number) {
        expected.append("\(loss == .changed ? "differing" : loss == .unconvertible ? "unconvertible" : "missing") u-\(number)")
      }
      scene.engine.change { [results] service in
        service.put(old, in: "old")
        for result in results { service.put(result, in: "new") }
      }
    }
    try #require(expected.count == each * 5)

    let found = try await scene.verify {
      $0.comparesContent = true
      $0.repair = Repair()
      $0.patience = .seconds(60)
    }
    #expect(try scene.findings() == expected.sorted())
    #expect(found.missing == 3 * each && found.repaired == 3 * each && found.differing == each && found.unconvertible == each)
    #expect(found.rechecked == 4 * each && found.extra == each)

    // What a repair can't mend is still told: an item is never overwritten, and what can't be converted can't be put.
    let again = try await scene.verify { $0.comparesContent = true }
    #expect(again.missing == 0 && again.differing == each && again.unconvertible == each)
    scene.engine.change { service in
      for number in 0..<count {
        switch loss(number) {
        case .changed: if let result = try? TestMapping().convert(item(number)).first { service.put(result, in: "new") }
        case .unconvertible:
          let mended = VerifyScene.item(number)
          service.put(mended, in: "old")
          if let result = try? TestMapping().convert(mended).first { service.put(result, in: "new") }
        default: break
        }
      }
    }
    let last = try await scene.verify { $0.comparesContent = true }
    #expect(last.verdict == .clean && last.rechecked == 0)
    #expect(try scene.findings() == [])
  }
}
