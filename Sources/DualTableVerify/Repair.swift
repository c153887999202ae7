internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
package import MigrationControl

/// Puts what is missing, through the mapping, where nothing is.
///
/// The put bears the same condition as a backfill's and falls under the same rules of phases: it is a participant's, signed within its
/// lease, so that no process that slept brings a deleted item back in phase 5.
package struct Repair: Sendable {
  /// Who sends the puts; nil where there is no control table.
  package var participant: Participant?

  package init(participant: Participant? = nil) { self.participant = participant }

  /// What became of one item.
  enum Outcome: Sendable, Equatable {
    case repaired
    /// Somebody else put it there, or deleted it there, in between.
    case present
    /// The service won't take this item.
    case refused
  }

  func put(_ item: Item, _ configuration: Verification.Configuration) async throws -> Outcome {
    var options = CallOptions(retry: .bulk(deadline: configuration.patience))
    guard let participant else { return try await put(item, configuration, options) }
    var deadline: Duration?
    while true {
      let operation: ParticipantStateMachine.Operation
      do throws(ParticipantError) {
        operation = try await participant.begin(.copy, patience: configuration.patience, until: &deadline)
      } catch {
        throw VerifyError(error)
      }
      defer { participant.end(operation) }
      options.gate = participant.gate(.copy, of: operation)
      do throws(DynamoDBError) {
        return try await put(item, configuration, options)
      } catch {
        // A switch is under way, and nothing of this put was sent: it goes on, or not, in the phase that comes.
        guard error.refusal == .beginAnew || error.refusal == .phaseUnknown else { throw error }
      }
    }
  }

  private func put(
    _ item: Item, _ configuration: Verification.Configuration, _ options: CallOptions
  ) async throws(DynamoDBError) -> Outcome {
    let input = PutItemInput(
      tableName: configuration.new.table, item: item, conditionExpression: "attribute_not_exists(#hash)",
      expressionAttributeNames: ["#hash": configuration.mapping.newSchema.hash.name])
    do {
      _ = try await configuration.new.client.putItem(input, options: options)
      return .repaired
    } catch {
      switch error.code {
      case .conditionalCheckFailed: return .present
      case .validation, .itemCollectionSizeLimitExceeded: return .refused
      default: throw error
      }
    }
  }
}
