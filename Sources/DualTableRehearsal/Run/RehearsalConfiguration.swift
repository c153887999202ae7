package import DualTableMapping
package import DynamoDBModel

extension Rehearsal {
  /// What is rehearsed.
  package struct Configuration: Sendable {
    package var mapping: any TableMapping
    /// The way back, which is rehearsed too, by half of the operations; nil: there only.
    package var inverse: (any TableMapping)?
    /// Items of OLD, in the order of `item`'s numbers. Default 200,000.
    package var items: Items
    /// Where everything that is drawn comes from: one seed is one rehearsal.
    package var seed: UInt64
    package var faults = RehearsalFaults.light
    /// Operations of the service's clients, about; a batch of five is five. Default six an item, from 1,200 to 120,000.
    package var operations: Int
    /// Instances of the service. Default 4.
    package var instances = 4
    /// Clients of each. Default 5.
    package var clients = 5
    /// An empty directory for what the runs beside the service keep.
    package var directory: String
    /// The file that every operation is written to; nil: none.
    package var history: String?
    /// What is broken about a machine, for tests that see rules kept; nil: nothing.
    package var tampering: (@Sendable (Role) -> any MachineTampering)?

    package init(mapping: any TableMapping, items: Items, seed: UInt64, directory: String) {
      self.mapping = mapping
      self.items = items
      operations = min(120_000, max(1_200, 6 * items.count))
      self.seed = seed
      self.directory = directory
    }
  }

  /// Whose machine something is.
  package enum Role: Sendable {
    case service, backfill, operations
  }

  /// Where OLD's items come from.
  package enum Items: Sendable {
    /// So many are made up.
    case madeUp(Int)
    /// These, each a line's, read again from the start whenever it is asked; at least one.
    case given([Item])

    package var count: Int {
      switch self {
      case .madeUp(let count): count
      case .given(let items): items.count
      }
    }
  }
}
