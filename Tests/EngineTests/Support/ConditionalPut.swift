import AWSAuth
import DynamoDBClient
import HTTPTransport

extension DynamoDBClient {
  /// Sends one put as the backfill does: template, item as bytes, the answer judged without trees. No retries.
  func conditionalPut(_ item: String, table: String, hashKey: String) async throws -> Result<Double?, DynamoDBError> {
    let source = PutSource(
      item: item, template: ConditionalPutTemplate(table: table, hashKey: hashKey), signer: try await makeSigner(operation: .putItem),
      wallClock: wallClock)
    await transport.perform(source, at: origin, timeouts: timeouts)
    return source.outcome ?? .failure(DynamoDBError(.cancelled, "Nothing was sent."))
  }
}

/// Sound as `@unchecked Sendable`: while `perform` runs only the transport calls it, afterwards only the caller.
private final class PutSource: HTTPRequestSource, @unchecked Sendable {
  private let item: String
  private let template: ConditionalPutTemplate
  private var signer: RequestSigner
  private let wallClock: WallClock
  private(set) var mayHaveMore = true
  private(set) var outcome: Result<Double?, DynamoDBError>?

  init(item: String, template: ConditionalPutTemplate, signer: consuming RequestSigner, wallClock: WallClock) {
    self.item = item
    self.template = template
    self.signer = signer
    self.wallClock = wallClock
  }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard mayHaveMore else { return nil }
    mayHaveMore = false
    request.writeBody { body in
      template.begin(into: &body)
      body.append(contentsOf: item.utf8)
      template.end(into: &body)
    }
    signer.finish(&request, at: wallClock.now())
    return 0
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    do throws(DynamoDBError) {
      outcome = .success(try answer.capacityUnits())
    } catch {
      outcome = .failure(error)
    }
  }

  func failed(_ token: Int, _ error: HTTPTransportError) { outcome = .failure(DynamoDBError(transport: error)) }
}
