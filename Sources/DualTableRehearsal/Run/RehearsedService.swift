internal import DualTable
internal import DynamoDBClient
internal import DynamoDBSimulator

/// The rehearsed service: its instances, each a process with a repository and clients.
struct RehearsedService: Sendable {
  let world: RehearsalWorld
  let move: RehearsedMove
  let instances: [Instance]

  init(_ world: RehearsalWorld, _ move: RehearsedMove) {
    (self.world, self.move) = (world, move)
    let first: UInt64 = move.direction == .forth ? 100 : 150
    instances = (0..<world.configuration.instances).map { number in
      Instance(
        world.machine(first + UInt64(number), .service), old: move.old, new: move.new, control: move.control, mapping: move.mapping)
    }
  }

  /// Serves until the meter is over.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, instance) in instances.enumerated() { group.addTask { try await serve(instance, number) } }
      try await group.waitForAll()
    }
  }

  private func serve(_ instance: Instance, _ place: Int) async throws {
    let process = instance.machine.process
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask(executorPreference: process) {
        try await instance.repository.run()
        return false
      }
      for number in 0..<world.configuration.clients {
        // The clients of the way back are others than those of the way there.
        let before = move.direction == .forth ? 0 : instances.count * world.configuration.clients
        let own = before + place * world.configuration.clients + number + 1
        let client = ServiceClient(
          client: ModelClient(number: own, instance: instance, forms: move.catalog, recorder: world.recorder), catalog: move.catalog,
          meter: move.meter, seed: world.configuration.seed &* 100 &+ UInt64(own))
        group.addTask(executorPreference: process) {
          await client.run()
          return true
        }
      }
      var clients = world.configuration.clients
      while let isClient = try await group.next() {
        if isClient { clients -= 1 }
        if clients == 0 { group.cancelAll() }
      }
    }
  }
}
