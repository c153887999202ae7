import DualTableRehearsal
import DualTableScan
import DynamoDBModel
import TestSupport
import Testing

/// A rehearsal that can't fail is worth nothing: rules broken on purpose are told as what they do.
@Suite("Seeded defects in a rehearsal") struct RehearsalDefectTests {
  private static func rehearse(_ defect: Defect, _ role: Role, seed: UInt64, _ faults: RehearsalFaults = .none) throws -> RehearsalResult {
    let directory = TemporaryDirectory()
    var configuration = Rehearsal.Configuration(
      mapping: Dialect.mapping, items: .madeUp(300), seed: seed, directory: directory.path)
    (configuration.operations, configuration.faults) = (1_200, faults)
    configuration.tampering = { part in Tampering(Self.isBroken(part, role) ? defect : nil, role, nil) }
    return try Rehearsal(configuration).run(stop: StopSignal()) { _ in }
  }

  private static func isBroken(_ part: Rehearsal.Role, _ role: Role) -> Bool {
    part == .service && role == .service || part == .backfill && role == .backfill
  }

  @Test("A delete without a tombstone: the item is resurrected") func resurrected() throws {
    let result = try Self.rehearse(.deleteWithoutTombstone, .service, seed: 1)
    #expect(result.resurrected > 0 && !result.isClean, "\(result.history)")
  }

  @Test("A backfill that puts unconditionally: the service's writes are overwritten") func overwritten() throws {
    let result = try Self.rehearse(.backfillUnconditional, .backfill, seed: 1)
    #expect(result.overwritten > 0 && !result.isClean, "\(result.history)")
  }

  @Test("A repository that acknowledges a create before it writes it: the item is lost") func lost() throws {
    let result = try Self.rehearse(.insertsUnsent, .service, seed: 1)
    #expect(result.history.lost > 0 && !result.isClean, "\(result.history)")
  }

  @Test("A backfill that counts puts which it never sent: items are lost that no client touched") func neverSent() throws {
    let result = try Self.rehearse(.insertsUnsent, .backfill, seed: 1)
    #expect(result.moves[0].untouched.lost > 100 && !result.isClean)
  }
}
