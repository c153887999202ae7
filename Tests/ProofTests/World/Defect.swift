import DualTableBackfill
import MigrationControl

/// A rule of the protocol, broken on purpose: most of them from outside, on the wire, where a broken implementation would show.
enum Defect: String, CaseIterable, Sendable {
  // Items.
  case deleteWithoutTombstone, updateUnguarded, replaceUnguarded, backfillUnconditional, tombstoneReplacedUnguarded, tombstoneLeaks
  case deleteOfAnotherKey, readsEventually, lostAnswerSentAgain, lostAnswerTakenForNone, putsCountedUnanswered, expiryBeforeFive
  case insertsBehindMigrator, sweepsTombstonesEarly, insertsUnsent
  // Phases.
  case staleScan, fallsBackWhenCutOff, phaseReadAgain, oldWritesUncounted, acknowledgesUndrained, acknowledgesBeforeOperationsEnd, noDrain
  case staleAcknowledgement, listsBeforeDrain, deadTooSoon, removesUnconditionally, signsAfterCheck, skipsDualRead, skipsTombstones
  case switchesUnpopulated, commitsUnconditionally, readsThenRegisters, staleBeat

  /// What the models or the literature on such migrations call it.
  var origin: String {
    switch self {
    case .deleteWithoutTombstone: "BUG_NO_TOMB, DeleteNoLeaveTombstones"
    case .updateUnguarded: "BUG_UPDATE_UNGUARDED"
    case .replaceUnguarded: "BUG_REPLACE_UNGUARDED"
    case .backfillUnconditional: "BUG_UNCONDITIONAL"
    case .tombstoneLeaks: "TombstoneOutput"
    case .deleteOfAnotherKey: "DeletePrimaryKey"
    case .expiryBeforeFive: "BUG_EXPIRY_BEFORE_FIVE"
    case .insertsBehindMigrator: "InsertBehindMigrator"
    case .staleScan: "BUG_STALE_SCAN"
    case .fallsBackWhenCutOff: "BUG_FALLBACK_WHEN_CUT_OFF"
    case .phaseReadAgain: "BUG_PHASE_READ_AGAIN"
    case .oldWritesUncounted: "BUG_CHECK_THEN_COUNT"
    case .acknowledgesUndrained: "BUG_ACK_UNDRAINED"
    case .acknowledgesBeforeOperationsEnd: "BUG_ACK_BEFORE_OPERATIONS_END, BUG_EARLY_FIVE"
    case .noDrain: "BUG_NO_DRAIN"
    case .staleAcknowledgement: "BUG_STALE_ACK"
    case .listsBeforeDrain: "BUG_LIST_BEFORE_DRAIN"
    case .deadTooSoon: "BUG_DEAD_BEFORE_RESOLVED"
    case .removesUnconditionally: "BUG_REMOVE_UNCONDITIONALLY"
    case .signsAfterCheck: "BUG_SIGN_AFTER_CHECK"
    case .skipsDualRead: "MigrateSkipPreferOld"
    case .skipsTombstones: "MigrateSkipUseNewWithTombstones"
    case .switchesUnpopulated: "EnsurePartitionSwitchedFromPopulated"
    case .readsThenRegisters: "BUG_READ_THEN_REGISTER"
    case .staleBeat: "BUG_STALE_BEAT"
    case .tombstoneReplacedUnguarded, .readsEventually, .lostAnswerSentAgain, .lostAnswerTakenForNone, .putsCountedUnanswered,
      .sweepsTombstonesEarly, .insertsUnsent, .commitsUnconditionally:
      "our own"
    }
  }

  /// True if one fixed phase shows it; the others need a migration.
  var isOfItems: Bool { Self.allCases.firstIndex(of: self) ?? 0 < Self.allCases.firstIndex(of: .staleScan) ?? 0 }

  /// A seed whose run shows it; nil where only a search by `DUALTABLE_SEEDS` is worth its time.
  var knownSeed: UInt64? {
    switch self {
    case .tombstoneReplacedUnguarded: 118
    case .putsCountedUnanswered: 37
    case .updateUnguarded: 11
    case .replaceUnguarded, .lostAnswerSentAgain: 5
    case .lostAnswerTakenForNone, .switchesUnpopulated: 3
    case .oldWritesUncounted, .acknowledgesUndrained: 68
    case .noDrain, .skipsDualRead: 71
    case .staleAcknowledgement: 24
    case .deadTooSoon: 23
    case .phaseReadAgain: 16
    case .staleScan, .fallsBackWhenCutOff: 4
    case .acknowledgesBeforeOperationsEnd: 5
    case .skipsTombstones: 1
    default: isOfItems ? 1 : nil
    }
  }

  /// The run that shows it soonest.
  func scene(_ seed: UInt64) -> any Scene {
    switch self {
    case _ where isOfItems: FixedPhaseScene(seed: seed, phase: .dualTable, defect: self)
    case .phaseReadAgain, .acknowledgesBeforeOperationsEnd, .fallsBackWhenCutOff, .skipsTombstones:
      EndgameScene(seed: seed, defect: self)
    case .switchesUnpopulated: MigrationScene(seed: seed, isShort: false, defect: self)
    default: HandoverScene(seed: seed, defect: self)
    }
  }

  /// How far back eventually consistent reads look.
  var lag: Duration { self == .readsEventually ? .seconds(1) : self == .staleScan ? .seconds(60) : .zero }

  func change(_ configuration: inout Backfill.Configuration) {
    if self == .staleScan { configuration.isConsistent = false }
  }
}
