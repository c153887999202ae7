internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Puts that go out together, as statements of one request: each for itself refused where something has its key.
extension PageState {
  /// Bytes of a request from which on no further statement is added.
  private static let largestBatch = 1 << 20

  /// Writes the next batch into `request` and returns its token, which is below 0; nil if there is nothing to send together.
  mutating func nextBatch(_ bytes: Span<UInt8>, _ permit: Int?, at now: Int64, into request: inout HTTPRequestBuffer) -> Int? {
    guard let batchTemplate else { return nil }
    request.writeBody { batchTemplate.begin(into: &$0) }
    let start = request.body.count
    var puts: [Int] = []
    puts.reserveCapacity(BatchInsertTemplate.mostStatements)
    var units = 0.0
    while puts.count < BatchInsertTemplate.mostStatements && request.body.count < Self.largestBatch {
      let before = request.body.count
      guard let token = nextFresh(bytes, into: &request) ?? nextRepeat(bytes, into: &request) else { break }
      guard request.body.count > before else {
        // Its names alone are longer than a statement may be.
        ledger.repeatAlone(token)
        continue
      }
      let cost = charge.reckon(bytes: request.body.count - before)
      ledger.sent(token, units: cost, permit: nil)
      units += cost
      puts.append(token)
    }
    guard request.body.count > start else {
      request.writeBody { $0.truncate(to: $0.count - start) }
      return nil
    }
    request.writeBody { batchTemplate.end(into: &$0) }
    charge.went(units: units)
    sign(&request, at: now)
    batches.append(Batch(puts: puts, units: units, permit: permit))
    return -batches.count
  }

  /// Writes a statement for the result in `scratch` into `body`; nothing where it can't be one.
  func writeStatement(_ template: BatchInsertTemplate, into body: inout ByteBuffer) {
    // Behind the bracket that opens the list is the first.
    let isFirst = body[body.count - 1] == UInt8(ascii: "[")
    _ = template.append(converter.places, scratch.span, isFirst: isFirst, to: &body)
  }

  /// Books what the service said to a batch.
  mutating func batchAnswered(_ index: Int, _ answer: borrowing HTTPAnswer, _ page: borrowing ScanPage) {
    let batch = batches[index]
    let outcomes: StatementOutcomes
    do throws(DynamoDBError) {
      outcomes = try answer.statementOutcomes()
      guard outcomes.count == batch.puts.count else {
        throw DynamoDBError(
          .unexpectedAnswer, "A batch of \(batch.puts.count) statements has \(outcomes.count) answers.", mayHaveArrived: true)
      }
    } catch {
      throttled(error)
      return batchFailed(index, error, page)
    }
    charge.answered(outcomes.units, batchReckoned: batch.units)
    var isKnown = true
    var failures = outcomes.failures[...]
    for (index, token) in batch.puts.enumerated() {
      guard failures.first?.index == index, let error = failures.popFirst()?.error else {
        end(token, .migrated)
        continue
      }
      let failure = DynamoDBError(statement: error)
      throttled(failure)
      if failure.mayHaveArrived { isKnown = false }
      statementFailed(token, error.code, failure, page)
    }
    if let permit = batch.permit { gate?.ended(permit, isKnown ? .landed : .unknown) }
  }

  private mutating func statementFailed(_ token: Int, _ code: String, _ error: DynamoDBError, _ page: borrowing ScanPage) {
    switch code {
    case "DuplicateItem", "ConditionalCheckFailed": duplicates.append(token)
    // What is wrong with it is said best of a put, and a put may even pass: statements have limits of their own.
    case "ValidationError", "ItemCollectionSizeLimitExceeded": ledger.repeatAlone(token)
    default:
      if error.isRetryable || error.mayHaveArrived { repeatLater(token, error, page) } else { stop(token, error) }
    }
  }

  /// Books a batch without a usable answer, or one that was refused as a whole.
  mutating func batchFailed(_ index: Int, _ error: DynamoDBError, _ page: borrowing ScanPage) {
    let batch = batches[index]
    if let permit = batch.permit { gate?.ended(permit, error.end) }
    charge.failed(error, reckoned: batch.units)
    for token in batch.puts {
      switch error.code {
      // One of the statements is to blame: each goes by itself.
      case .validation, .serialization, .requestTooLarge: ledger.repeatAlone(token)
      case .tlsFailed: stop(token, error)
      case _ where error.isRetryable || error.mayHaveArrived: repeatLater(token, error, page)
      default: stop(token, error)
      }
    }
  }

  /// Counts what a dry run would have put: every item is converted, nothing is sent.
  mutating func rehearse(_ page: borrowing ScanPage) {
    var request = HTTPRequestBuffer()
    while pause == nil {
      request.reset()
      guard let token = nextFresh(page.span, into: &request) else { return }
      end(token, .migrated)
    }
  }
}

extension DynamoDBError {
  /// The error of one statement of a batch, by the code that the service has for it there.
  init(statement error: ActionError) {
    let code: Code =
      switch error.code {
      case "ThrottlingError": .throttling
      case "ProvisionedThroughputExceeded": .provisionedThroughputExceeded
      case "RequestLimitExceeded": .requestLimitExceeded
      case "InternalServerError": .internalServerError
      case "TransactionConflict": .transactionConflict
      case "AccessDenied": .accessDenied
      case "ResourceNotFound": .resourceNotFound
      case "ValidationError": .validation
      default: Code(error.code)
      }
    // The answer's status, by which the words are the service's: they may quote the item, and aren't repeated.
    self.init(code, error.message ?? "", httpStatus: 200, mayHaveArrived: code == .internalServerError)
  }
}
