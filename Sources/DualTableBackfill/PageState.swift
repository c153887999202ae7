internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// What one segment keeps while its pages are put: the tape, the books, and what can't be decided without another request.
///
/// The page's bytes live beside it and are lent to each call, so that neither is copied. A put is encoded when a connection asks for it,
/// straight into the connection's buffer; one that must be sent again is converted again, which is rare and cheaper than keeping it.
struct PageState: ~Copyable {
  /// Why nothing more is handed out although the page isn't settled.
  enum Pause {
    /// Throttled, or answers were lost: wait first.
    case backOff(DynamoDBError)
    /// No put on this table can succeed: denied, missing, wrongly signed.
    case stop(DynamoDBError)
    /// The phase of the migration lets nothing out now.
    case heldBack(AttemptRefusal)
  }

  /// Puts under way together.
  struct Batch {
    let puts: [Int]
    let units: Double
    let permit: Int?
  }

  private let template: ConditionalPutTemplate
  /// nil: each put is a request of its own.
  let batchTemplate: BatchInsertTemplate?
  private let wallClock: WallClock
  let oldSchema: KeySchema
  let newSchema: KeySchema
  let reserved: String
  let payload: DeadLetterPayload
  /// A put that failed this often while others went through is given up.
  static let mostFailures = 12

  private var reader: ScanPageReader?
  var tape = ItemTape()
  var converter: ItemConverter
  private var signer: RequestSigner
  private var batchSigner: RequestSigner?
  /// Asked before each attempt; nil: nobody is.
  var gate: (any AttemptGate)?
  /// Checks the results of a mended mapping; nil: there is none.
  var redrive: RedriveCheck?
  var batches: [Batch] = []
  /// Puts of batches that were refused because something is there already.
  var duplicates: [Int] = []
  /// The item whose results are handed out.
  private var item = 0
  /// The item that `tape` and `converter` hold: another one after a repeat, or after an answer that had to be compared.
  private var itemOnTape = -1
  /// Of the item that was begun last, as it came.
  private var itemBytes = 0
  private var nextResult = 0
  private var resultCount = 0
  private var isRead = false
  var scratch = ByteBuffer(capacity: 1_024)

  var ledger = PageLedger()
  var counts = PassCounts()
  var lines = ByteBuffer()
  var reasons: [String: Int] = [:]
  var pause: Pause?
  /// Puts refused without the item in the way: an engine that leaves it out.
  var unexplained: [Int] = []
  /// Puts that ended since `resume`.
  var ended = 0
  /// How long this page's requests took, and where that goes at its end.
  private var times = LatencyHistogram()
  private let meter: RequestMeter
  /// What had gone through, of all workers' puts, when the page was begun.
  var landingsBefore = 0
  /// The write budget as this page's puts see it.
  var charge: WriteCharge

  init(
    _ configuration: Backfill.Configuration, signer: consuming RequestSigner, control: PassControl
  ) {
    let mapping = configuration.mapping
    template = ConditionalPutTemplate(table: configuration.new.table, hashKey: mapping.newSchema.hash.name)
    batchTemplate = configuration.writeMode == .batch ? BatchInsertTemplate(table: configuration.new.table) : nil
    charge = WriteCharge(control.write)
    meter = control.meter
    wallClock = configuration.new.client.wallClock
    payload = configuration.deadLetterPayload
    self.signer = signer
    if case .deadLetters(_, let first) = configuration.source { redrive = RedriveCheck(first: first) }
    oldSchema = mapping.oldSchema
    newSchema = mapping.newSchema
    reserved = mapping.reservedAttribute
    converter = ItemConverter(mapping, notesPlaces: configuration.writeMode == .batch)
  }

  /// Forgets the page before and goes to the start of the next one.
  mutating func begin(_ page: borrowing ScanPage) throws(DynamoDBModelError) {
    reader = try ScanPageReader(page.span)
    ledger.reset()
    counts = PassCounts()
    lines.removeAll()
    reasons.removeAll()
    unexplained.removeAll(keepingCapacity: true)
    duplicates.removeAll(keepingCapacity: true)
    batches.removeAll(keepingCapacity: true)
    pause = nil
    ended = 0
    landingsBefore = charge.landings
    resultCount = 0
    nextResult = 0
    itemOnTape = -1
    isRead = false
  }

  /// Ends a pause; the signers have the credentials that hold now.
  mutating func resume(signer: consuming RequestSigner, batchSigner: consuming RequestSigner?) {
    self.signer = signer
    self.batchSigner = batchSigner
    pause = nil
    ended = 0
  }

  /// True once the whole page was read and every item of it has ended: only then is there a place to go on from.
  var isSettled: Bool { isRead && ledger.isSettled }

  /// True where `nextRequest` would return nil.
  var isIdle: Bool { pause != nil || (isRead && !ledger.hasRepeats) }

  /// Writes the next put into `request` and returns its token; nil if there is none now.
  mutating func nextRequest(_ page: borrowing ScanPage, into request: inout HTTPRequestBuffer) -> Int? {
    // No turn is taken before there is something to send.
    guard pause == nil, charge.mayGo() || (hasNext(page.span) && charge.asks(for: itemBytes)) else { return nil }
    // The time of the signature before the gate is asked: whoever sleeps in between meets a gate that knows how late it is.
    let now = wallClock.now()
    var permit: Int?
    switch gate?.attempt() {
    case nil: break
    case .granted(let number): permit = number
    case .refused(let refusal):
      pause = .heldBack(refusal)
      return nil
    }
    if batchTemplate != nil, let token = nextBatch(page.span, permit, at: now, into: &request) { return token }
    if let token = nextSingle(page.span, into: &request) {
      ledger.sent(token, units: charge.went(bytes: request.body.count - template.size), permit: permit)
      signer.finish(&request, at: now)
      return token
    }
    if let permit { gate?.ended(permit, .excluded) }
    return nil
  }

  private mutating func hasNext(_ bytes: Span<UInt8>) -> Bool {
    while nextResult == resultCount, !isRead { _ = nextItem(bytes) }
    return nextResult < resultCount || ledger.hasRepeats
  }

  private mutating func nextSingle(_ bytes: Span<UInt8>, into request: inout HTTPRequestBuffer) -> Int? {
    if batchTemplate == nil { return nextFresh(bytes, into: &request) ?? nextRepeat(bytes, into: &request) }
    guard let token = ledger.nextAlone() else { return nil }
    writeAgain(token, bytes, isAlone: true, into: &request)
    return token
  }

  mutating func nextFresh(_ bytes: Span<UInt8>, into request: inout HTTPRequestBuffer) -> Int? {
    while true {
      while nextResult < resultCount {
        let result = nextResult
        nextResult += 1
        takeUp(item: item, bytes)
        let isWritten = write(result, bytes, into: &request)
        let token = isWritten ? ledger.beginPut(item: item, result: result) : nil
        if nextResult == resultCount { ledger.completeItem(item) }
        if let token { return token }
      }
      guard !isRead, nextItem(bytes) else { return nil }
    }
  }

  /// Reads the next item onto the tape; false behind the last one, or where the page can't be read.
  private mutating func nextItem(_ bytes: Span<UInt8>) -> Bool {
    // The page's end is read by way of the tape, too: what was on it must be taken up again.
    itemOnTape = -1
    do {
      guard try reader?.next(&tape, bytes) == true else {
        isRead = true
        return false
      }
    } catch {
      isRead = true
      pause = .stop(DynamoDBError(.unexpectedAnswer, "A page of the old table can't be read: \(error)", cause: error))
      return false
    }
    item = ledger.beginItem(at: tape[0].valueRange.lowerBound)
    itemOnTape = item
    itemBytes = tape[0].valueRange.count
    nextResult = 0
    do {
      resultCount = try converter.begin(tape, bytes)
      if let redrive, !redrive.isSound(tape, bytes, results: resultCount, &converter, newSchema, oldSchema) {
        resultCount = 0
        bury(.keyMoved, item: item, newKey: nil, bytes)
      }
    } catch {
      resultCount = 0
      bury(.unconvertible(error), item: item, newKey: nil, bytes)
    }
    if resultCount == 0 { ledger.completeItem(item) }
    return true
  }

  mutating func nextRepeat(_ bytes: Span<UInt8>, into request: inout HTTPRequestBuffer) -> Int? {
    guard let token = ledger.nextRepeat() else { return nil }
    writeAgain(token, bytes, into: &request)
    return token
  }

  private mutating func writeAgain(
    _ token: Int, _ bytes: Span<UInt8>, isAlone: Bool = false, into request: inout HTTPRequestBuffer
  ) {
    takeUp(item: ledger.puts[token].item, bytes)
    // It was written once, and conversion is pure.
    precondition(write(ledger.puts[token].result, bytes, isAlone: isAlone, into: &request), "a result came and went")
  }

  /// Notes how long an answer took.
  mutating func timed(_ answer: borrowing HTTPAnswer) {
    if let nanoseconds = answer.nanoseconds { times.add(nanoseconds: nanoseconds) }
  }

  /// Notes a request that was throttled.
  func throttled(_ error: DynamoDBError) { meter.failed(.write, error) }

  /// Signs a batch.
  mutating func sign(_ request: inout HTTPRequestBuffer, at milliseconds: Int64) { batchSigner?.finish(&request, at: milliseconds) }

  /// Sees to it that the item, which was read before, is on the tape.
  mutating func takeUp(item: Int, _ bytes: Span<UInt8>) {
    guard item != itemOnTape else { return }
    itemOnTape = item
    do {
      _ = try tape.read(bytes, at: ledger.offset(of: item))
      _ = try converter.begin(tape, bytes)
    } catch {
      preconditionFailure("an item that was read and converted before can be read and converted again")
    }
  }

  /// Writes the whole body of a put, or a statement of a batch's; false if the mapping skips the result or can't convert the item, which is
  /// booked.
  private mutating func write(
    _ result: Int, _ bytes: Span<UInt8>, isAlone: Bool = false, into request: inout HTTPRequestBuffer
  ) -> Bool {
    do {
      if let batchTemplate, !isAlone {
        scratch.removeAll()
        guard try converter.write(result, of: tape, bytes, to: &scratch) else { return false }
        request.writeBody { writeStatement(batchTemplate, into: &$0) }
        return true
      }
      return try request.writeBody { (body) throws(ConversionError) in
        let start = body.count
        template.begin(into: &body)
        do throws(ConversionError) {
          if try converter.write(result, of: tape, bytes, to: &body) {
            template.end(into: &body)
            return true
          }
        } catch {
          body.truncate(to: start)
          throw error
        }
        body.truncate(to: start)
        return false
      }
    } catch {
      bury(.unconvertible(error), item: item, newKey: nil, bytes)
      return false
    }
  }

  /// Writes a dead letter of the item on the tape and books the item as failed; once an item.
  mutating func bury(_ letter: DeadLetter, item: Int, newKey: Item?, _ bytes: Span<UInt8>) {
    guard ledger.outcome(of: item) != .failed else { return }
    letter.append(tape, bytes, schema: oldSchema, newKey: newKey, payload: payload, to: &lines)
    reasons[letter.reason, default: 0] += 1
    ledger.note(.failed, of: item)
  }

  /// The page's end, once it is settled: its books, its dead letters and where the segment goes on.
  mutating func finish(_ page: borrowing ScanPage) -> PassCheckpoint.Outcome {
    let bytes = page.span
    meter.wrote(&times)
    counts[.pages] = 1
    counts[.scanned] = ledger.itemCount
    counts[.bytes] = page.body.count
    counts[.readMilliunits] = Int((reader?.capacityUnits ?? 0) * 1_000)
    counts[.writeMilliunits] = Int((charge.takeSpent() * 1_000).rounded())
    for (outcome, counter) in BackfillOutcome.counters { counts[counter] = ledger.count(of: outcome) }
    let key = reader?.lastEvaluatedKey.map { range in range.map { bytes[$0] } }
    var outcome = PassCheckpoint.Outcome(
      lastEvaluatedKey: key, counts: counts, lines: lines.isEmpty ? [] : (0..<lines.count).map { lines[$0] })
    outcome.reasons = reasons
    return outcome
  }
}
