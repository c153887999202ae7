internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

extension PageState {
  /// Books what the service said to a put.
  mutating func answered(_ token: Int, _ answer: borrowing HTTPAnswer, _ page: borrowing ScanPage) {
    timed(answer)
    guard token >= 0 else { return batchAnswered(-1 - token, answer, page) }
    do {
      charge.answered(try answer.capacityUnits(), reckoned: ledger.puts[token].units)
      if let permit = ledger.takePermit(token) { gate?.ended(permit, .landed) }
      end(token, .migrated)
    } catch {
      failed(token, error, page)
    }
  }

  /// Books a put without a usable answer, or one that the service refused.
  mutating func failed(_ token: Int, _ error: DynamoDBError, _ page: borrowing ScanPage) {
    throttled(error)
    guard token >= 0 else { return batchFailed(-1 - token, error, page) }
    if let permit = ledger.takePermit(token) { gate?.ended(permit, error.end) }
    if error.code != .conditionalCheckFailed { charge.failed(error, reckoned: ledger.puts[token].units) }
    switch error.code {
    case .conditionalCheckFailed:
      guard let blocking = error.item else {
        unexplained.append(token)
        return
      }
      // A refusal reports no capacity, but costs what the larger of both items would.
      charge.refused(by: blocking.sizeInBytes, reckoned: ledger.puts[token].units)
      refused(token, by: blocking, page)
    case .validation, .serialization, .requestTooLarge, .itemCollectionSizeLimitExceeded:
      bury(token, .refused(error), page)
    case .tlsFailed:
      stop(token, error)
    case _ where error.isRetryable || error.mayHaveArrived:
      repeatLater(token, error, page)
    default:
      // Whatever else is refused is refused to every item: credentials, the table, somebody between here and there.
      stop(token, error)
    }
  }

  /// Books a refusal by what is in the way.
  mutating func refused(_ token: Int, by blocking: Item, _ page: borrowing ScanPage) {
    if blocking[reserved] != nil { return end(token, .deleted) }
    takeUp(item: ledger.puts[token].item, page.span)
    guard let ours = result(of: token, page), ours == blocking else { return end(token, .superseded) }
    // A try that may have landed and an item in the way that is ours: it was our own doing.
    end(token, ledger.puts[token].mayHaveLanded ? .migrated : .alreadyThere)
  }

  /// The key in the new table of a put that was refused without the item in the way.
  mutating func newKey(of token: Int, _ page: borrowing ScanPage) -> Item? {
    takeUp(item: ledger.puts[token].item, page.span)
    return result(of: token, page).flatMap { newSchema.key(of: $0) }
  }

  /// What the put would store, as values; its item must be on the tape.
  private mutating func result(of token: Int, _ page: borrowing ScanPage) -> Item? {
    scratch.removeAll()
    do {
      guard try converter.write(ledger.puts[token].result, of: tape, page.span, to: &scratch) else { return nil }
      return try Item(wire: scratch.span)
    } catch {
      return nil
    }
  }

  mutating func repeatLater(_ token: Int, _ error: DynamoDBError, _ page: borrowing ScanPage) {
    // Only an item that keeps failing while others go through is to blame itself.
    if ended > 0, !error.isThrottling, ledger.noteFailure(token) >= Self.mostFailures { return bury(token, .retriesSpent(error), page) }
    ledger.repeatLater(token, mayHaveLanded: error.mayHaveArrived)
    if case .stop = pause { return }
    pause = .backOff(error)
  }

  /// Gives up what still waits to be sent again after the run's whole patience, where the service itself refused it to the last and took
  /// others meanwhile; false where nothing tells these items from an outage, which is the run's matter.
  mutating func giveUp(_ error: DynamoDBError, _ page: borrowing ScanPage) -> Bool {
    let isOfItem = [.internalServerError, .transactionConflict, .replicatedWriteConflict].contains(error.code)
    guard isOfItem, charge.landings > landingsBefore else { return false }
    for token in ledger.takeRepeats() { bury(token, .retriesSpent(error), page) }
    return true
  }

  mutating func stop(_ token: Int, _ error: DynamoDBError) {
    ledger.repeatLater(token, mayHaveLanded: error.mayHaveArrived)
    pause = .stop(error)
  }

  mutating func bury(_ token: Int, _ letter: DeadLetter, _ page: borrowing ScanPage) {
    let key = newKey(of: token, page)
    bury(letter, item: ledger.puts[token].item, newKey: key, page.span)
    end(token, .failed)
  }

  mutating func end(_ token: Int, _ outcome: BackfillOutcome) {
    ledger.end(token, outcome)
    ended += 1
  }
}
