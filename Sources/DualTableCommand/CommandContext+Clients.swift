internal import DualTableScan

extension CommandContext {
  /// Tells that a run was interrupted and how to go on, and how the tool ends then.
  func interrupted() -> ToolStatus {
    log.info("Interrupted; run the same command again to go on.")
    return .interrupted
  }

  /// Lends `work` clients of both sides, takes the live line away when it ends, and closes the connections.
  ///
  /// After the first signal `work` has ten seconds to end by itself; then it is cancelled, which reaches the sockets.
  /// - Parameters:
  ///   - connections: kept at most to one endpoint.
  ///   - oldOnly: nothing need be set for the new table's side, whose client isn't used.
  /// - Returns: what `work` came to, nil if it was cancelled so.
  func withClients<Value: Sendable>(
    connections: Int, oldOnly: Bool = false, _ work: @escaping @Sendable (Clients) async throws -> Value
  ) async throws -> Value? {
    let clients = try Clients(self, connections: connections, oldOnly: oldOnly)
    let outcome: Result<Value?, any Error>
    do {
      outcome = .success(try await untilInterrupted { try await work(clients) })
    } catch {
      outcome = .failure(error)
    }
    terminal.showLive("")
    await clients.shutdown()
    return try outcome.get()
  }

  private func untilInterrupted<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        await graceIsOver()
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else {
        // Cancelled, the work ends with some error or other; that it was cut short is all there is to tell.
        group.cancelAll()
        _ = try? await group.next()
        return nil
      }
      return value
    }
  }

  /// Returns ten seconds after the first signal, or when its task is cancelled.
  private func graceIsOver() async {
    let clock = surroundings.clock
    while surroundings.stop.reason != .interrupted {
      guard (try? await clock.sleep(for: .milliseconds(100))) != nil else { return }
    }
    log.info("Finishing what is in flight; once more to stop at once.")
    try? await clock.sleep(for: .seconds(10))
  }
}
