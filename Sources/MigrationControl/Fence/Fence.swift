package import DynamoDBClient
internal import DynamoDBModel

/// Keeps every writer away from a table by its resource policy, whoever it is and whatever it uses.
package struct Fence: Sendable {
  package let client: DynamoDBClient
  /// As messages name it.
  package let table: String
  private let arn: String
  private let keys: KeySchema
  private let clock: any Clock<Duration>

  /// Looks at the table that is to be fenced.
  ///
  /// - Parameter table: its name or its ARN.
  package init(client: DynamoDBClient, table: String, clock: any Clock<Duration>) async throws(MigrationControlError) {
    let found: TableDescription
    do {
      found = try await client.describeTable(DescribeTableInput(tableName: table)).table
    } catch {
      throw MigrationControlError(.requestFailed, "The old table \(table) can't be looked at.", cause: error)
    }
    guard let arn = found.tableArn, let keys = found.keys else {
      throw MigrationControlError(.notFenced, "The endpoint tells no ARN or no keys of \(table), so that it can't be fenced.")
    }
    (self.client, self.table, self.arn, self.keys, self.clock) = (client, table, arn, keys, clock)
  }

  /// Whether the fence stands in the table's policy.
  package func stands() async throws(MigrationControlError) -> Bool { try await policy()?.policy.isFenced(arn) ?? false }

  package enum Raising: Sendable, Hashable {
    /// It holds; `wasThere` if its policy was before.
    case holds(wasThere: Bool)
    /// Its policy stands, but it was asked to stop before it was seen to hold.
    case stopped(wasThere: Bool)

    package var wasThere: Bool {
      switch self {
      case .holds(let wasThere), .stopped(let wasThere): wasThere
      }
    }
  }

  /// Puts the fence up and waits until it holds.
  ///
  /// - Parameters:
  ///   - mustStop: asked between probes.
  ///   - progress: told for how long the probe has been refused.
  /// - Throws: `notFenced` where the caller couldn't have written anyway, so that a refusal would show nothing; where the engine has no
  ///   resource policies, or doesn't obey them.
  package func raise(
    mustStop: @Sendable () -> Bool = { false }, progress: @Sendable (Duration) -> Void = { _ in }
  ) async throws -> Raising {
    let wasThere = try await stands()
    if !wasThere {
      switch try await probe() {
      case .allowed: break
      case .refused:
        throw MigrationControlError(
          .notFenced,
          "These credentials may not dynamodb:PutItem on \(table) anyway, so that a refusal would not show the fence: use some that may.")
      case .unanswered:
        throw MigrationControlError(
          .notFenced, "No write to \(table) was answered, so that it can't be seen whether a fence holds: try again.")
      }
      try await change { $0.fenced(arn) }
      guard try await reads({ $0?.isFenced(arn) == true }) else {
        throw MigrationControlError(
          .notFenced, "The policy of \(table) doesn't read as it was put: look who else changes it, and try again.")
      }
    }
    return try await watch(mustStop, progress, on: clock) ? .holds(wasThere: wasThere) : .stopped(wasThere: wasThere)
  }

  /// Takes the fence down; false if there was none.
  package func lift() async throws -> Bool {
    guard try await policy()?.policy.hasFence == true else { return false }
    try await change(\.lifted)
    guard try await reads({ $0?.hasFence != true }) else {
      throw MigrationControlError(.notFenced, "The policy of \(table) still holds the fence: look who else changes it, and try again.")
    }
    return true
  }

  private func watch<Time: Clock<Duration>>(
    _ mustStop: @Sendable () -> Bool, _ progress: @Sendable (Duration) -> Void, on clock: Time
  ) async throws -> Bool {
    let put = clock.now
    var watch = FenceWatch()
    while !mustStop() {
      let began = put.duration(to: clock.now)
      let probe = try await probe()
      let now = put.duration(to: clock.now)
      switch watch.probed(probe, began: began, at: now) {
      case .holds: return true
      case .disobeyed:
        throw MigrationControlError(
          .notFenced,
          "The policy of \(table) denies all writes, but they still pass after ten minutes: this engine doesn't obey policies. "
            + "Take it back with `fence --lift`, and stop the writers instead.")
      case .unanswered:
        throw MigrationControlError(
          .notFenced,
          "The policy of \(table) stands, but in ten minutes there was none in which every probe was answered, so that nobody knows whether it "
            + "holds: take it back with `fence --lift`, and raise it again once requests get through.")
      case .probeAgain: progress(watch.refused(at: now))
      }
      try await clock.sleep(for: FenceWatch.look)
    }
    return false
  }

  /// Sends a write whose condition no item meets, so that it changes nothing whether it is let in or not.
  private func probe() async throws(MigrationControlError) -> FenceWatch.Probe {
    do {
      _ = try await client.putItem(
        PutItemInput(
          tableName: table, item: keys.probe, conditionExpression: "attribute_exists(#hash) AND attribute_not_exists(#hash)",
          expressionAttributeNames: ["#hash": keys.hash.name]),
        options: CallOptions(resend: .never))
    } catch {
      switch error.code {
      case .conditionalCheckFailed: return .allowed
      case .accessDenied: return .refused
      case _ where error.isRetryable: return .unanswered
      case .cancelled: return .unanswered
      default: throw MigrationControlError(.requestFailed, "The fence of \(table) could not be tried out.", cause: error)
      }
    }
    throw MigrationControlError(.notFenced, "The endpoint carries out writes whose condition is false: it can't be fenced.")
  }

  // MARK: - The policy

  private func policy() async throws(MigrationControlError) -> (policy: FencePolicy, revision: String?)? {
    let found: GetResourcePolicyOutput
    do {
      found = try await client.getResourcePolicy(GetResourcePolicyInput(resourceArn: arn))
    } catch {
      if error.code == .policyNotFound { return nil }
      throw failed(error)
    }
    guard let policy = FencePolicy(found.policy) else {
      throw MigrationControlError(.notFenced, "The policy of \(table) can't be read, so that it isn't touched.")
    }
    return (policy, found.revisionId)
  }

  /// Changes the policy, on condition that nobody else does in between; nil takes it off.
  ///
  /// Reads of policies are eventual: one that misses the last change is noticed by its revision, and looks again.
  private func change(_ change: (FencePolicy) -> FencePolicy?) async throws {
    for _ in 0..<Self.looks {
      let found = try await policy()
      let changed = change(found?.policy ?? FencePolicy())
      if let changed, changed.text.utf8.count > FencePolicy.longest {
        throw MigrationControlError(.notFenced, "The policy of \(table) has no room for one more statement (20 KB): shorten it.")
      }
      do throws(DynamoDBError) {
        if let changed {
          _ = try await client.putResourcePolicy(
            PutResourcePolicyInput(
              resourceArn: arn, policy: changed.text, expectedRevisionId: found.map(\.revision) ?? "NO_POLICY"))
        } else {
          _ = try await client.deleteResourcePolicy(DeleteResourcePolicyInput(resourceArn: arn, expectedRevisionId: found?.revision))
        }
        return
      } catch {
        guard error.code == .policyNotFound else { throw failed(error) }
      }
      try await clock.sleep(for: FenceWatch.look)
    }
    throw MigrationControlError(.contention, "The policy of \(table) was changed by others each time: try again.")
  }

  /// True once the policy reads as it should.
  private func reads(_ isRight: (FencePolicy?) -> Bool) async throws -> Bool {
    for _ in 0..<Self.looks {
      if isRight(try await policy()?.policy) { return true }
      try await clock.sleep(for: FenceWatch.look)
    }
    return false
  }

  /// Half a minute of looks: a policy is read eventually, not at once.
  private static let looks = 30

  private func failed(_ error: DynamoDBError) -> MigrationControlError {
    if error.code == .unknownOperation {
      return MigrationControlError(
        .notFenced, "This engine has no resource policies, so that \(table) can't be fenced: stop its writers instead.", cause: error)
    }
    return MigrationControlError(.requestFailed, "The policy of \(table) could not be read or changed.", cause: error)
  }
}
