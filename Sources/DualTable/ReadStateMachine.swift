package import DynamoDBModel
package import MigrationControl

/// Decides what a read of one key asks next, and what its value is.
///
/// The order is what makes it right while a backfill runs: OLD can't change any more, so what was missing in NEW at the moment it was read
/// had OLD's value at that moment. Asking OLD first could miss what was promoted and changed in between.
package struct ReadStateMachine: Sendable {
  package enum Action: Sendable, Hashable {
    case readNew
    /// Read OLD, as consistently as NEW was read, and convert.
    case readOld
    /// The value; nil where there is none.
    case finish(Item?)
  }

  private let phase: MigrationPhase

  /// A read that began in `phase` and keeps to it.
  package init(phase: MigrationPhase) { self.phase = phase }

  package func start() -> Action { phase == .old ? .readOld : .readNew }

  package func newRead(_ found: PhysicalItem) -> Action {
    switch found {
    case .live(let item): .finish(item)
    case .tombstone: .finish(nil)
    case .missing: phase <= .dualTable ? .readOld : .finish(nil)
    }
  }

  package func oldRead(_ item: Item?) -> Action { .finish(item) }
}
