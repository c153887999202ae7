package import DualTableMapping
package import DualTableScan
package import MigrationControl

extension Backfill {
  /// What a backfill is to do.
  package struct Configuration: Sendable {
    package var old: TableSide
    package var new: TableSide
    package var mapping: any TableMapping
    /// The mapping's file, to be kept beside the state; nil for a mapping in Swift.
    package var mappingText: [UInt8]?
    /// Where checkpoints and dead letters are kept; made if it isn't there.
    package var stateDirectory: StatePath
    /// Where checkpoints, counts and dead letters are kept instead, so that any number of processes can work on the run; nil: in the
    /// state directory, and no other process can.
    package var shared: Shared?
    /// `TotalSegments`; nil: chosen by the tables' size and capacity. A resumed run keeps its own.
    package var segments: Int?
    /// Segments worked on at once. Default 16.
    package var openSegments = 16
    /// Whether the old table is read consistently. Default true: an eventual read could copy what was overwritten just before the old
    /// table was frozen.
    package var isConsistent = true
    /// Read units a second of the old table, at most; nil: as many as there are.
    package var readBudget: CapacityBudget?
    /// Write units a second of the new table, at most; nil: as many as there are.
    package var writeBudget: CapacityBudget?
    /// Bytes of all pages in flight together. Default 6 MB.
    package var bytesInFlight = PageSizing.bytesInFlight
    /// Whether puts go out one by one or 25 at a time. Default one by one.
    package var writeMode = WriteMode.put
    /// Whether everything is done but the puts, to see what they would come to. Default false.
    package var isDryRun = false
    /// Which items of the old table are taken. Default all.
    package var source = Source.table
    /// Who beats in the control table and says whether a put may go; nil: nobody needs to know.
    package var participant: Participant?
    /// Stop after about this many items, nil: never.
    package var maxItems: Int?
    /// Stop after this long, nil: never.
    package var timeLimit: Duration?
    /// What dead letters hold. Default: keys.
    package var deadLetterPayload = DeadLetterPayload.keys
    /// How long nothing may go through before the run stops with the cause. Default 5 minutes.
    package var patience = Duration.seconds(300)
    /// How long a page may still take once the run was asked to stop; a page that takes longer is done again by the next run. Default 8 s.
    package var gracePeriod = Duration.seconds(8)
    /// What the run's control socket says of where it stands, as one line of JSON; nil: there is no socket.
    package var describe: (@Sendable (BackfillProgress) -> String)?
    /// What keeps the run from going faster, as its series is to record it; nil: nobody knows.
    package var limitedBy: (@Sendable () -> String?)?
    /// Keeps the progress in place of the state directory; nil: that does. What checkpoints cost is measured against one that keeps nothing.
    package var checkpoint: (any CheckpointStore)?
    /// Where checkpoints are written; nil: on a thread of their own.
    package var checkpointExecutor: (any SerialExecutor)?
    /// Where random choices come from: the order of segments, the jitter of waits.
    package var seed: UInt64

    /// A run that several processes share.
    package struct Shared: Sendable {
      package var table: ControlTable
      /// This process's name among them, which none had before.
      package var worker: String
      /// Told, in a sentence, where the run goes by other budgets than this process was started with.
      package var warn: @Sendable (String) -> Void

      package init(table: ControlTable, worker: String, warn: @escaping @Sendable (String) -> Void) {
        self.table = table
        self.worker = worker
        self.warn = warn
      }
    }

    /// How puts are sent.
    package enum WriteMode: String, Sendable, CaseIterable {
      /// A conditional PutItem each.
      case put
      /// PartiQL inserts, 25 a request: the same outcomes at a fraction of the requests.
      case batch
    }

    /// Where items come from.
    package enum Source: Sendable {
      /// All of the old table.
      case table
      /// Those whose keys a file of JSON lines holds.
      case keys(String)
      /// Those whose keys a file of dead letters holds, with a mended mapping whose new keys must be those of the first one.
      case deadLetters(String, first: any TableMapping)

      /// The file; nil for the whole table.
      var file: String? {
        switch self {
        case .table: nil
        case .keys(let path), .deadLetters(let path, _): path
        }
      }

      var isRedrive: Bool { if case .deadLetters = self { true } else { false } }
    }

    package init(old: TableSide, new: TableSide, mapping: any TableMapping, stateDirectory: StatePath, seed: UInt64) {
      self.old = old
      self.new = new
      self.mapping = mapping
      self.stateDirectory = stateDirectory
      self.seed = seed
    }
  }
}
