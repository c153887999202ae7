import DynamoDBModel
import Testing

@testable import DualTableBackfill

@Suite("The books of a page")
struct PageLedgerTests {
  @Test("An item of one put ends as its put does", arguments: BackfillOutcome.allCases)
  func onePut(_ outcome: BackfillOutcome) {
    var ledger = PageLedger()
    let item = ledger.beginItem(at: 7)
    let token = ledger.beginPut(item: item, result: 0)
    ledger.completeItem(item)
    #expect(ledger.isSettled == false)
    ledger.end(token, outcome)
    #expect(ledger.isSettled == true)
    #expect(ledger.offset(of: item) == 7)
    for other in BackfillOutcome.allCases { #expect(ledger.count(of: other) == (other == outcome ? 1 : 0)) }
  }

  @Test("An item without a put is filtered")
  func noPut() {
    var ledger = PageLedger()
    ledger.completeItem(ledger.beginItem(at: 0))
    #expect(ledger.isSettled == true)
    #expect(ledger.count(of: .filtered) == 1)
  }

  @Test(
    "A fan-out counts once, as the first outcome of the order failed, deleted, superseded, migrated, alreadyThere",
    arguments: [
      ([.migrated, .alreadyThere], .migrated), ([.alreadyThere, .alreadyThere], .alreadyThere),
      ([.superseded, .migrated], .superseded), ([.deleted, .superseded, .migrated], .deleted),
      ([.migrated, .failed, .deleted], .failed),
    ] as [([BackfillOutcome], BackfillOutcome)])
  func fanOut(_ ends: [BackfillOutcome], _ expected: BackfillOutcome) {
    for order in [ends, ends.reversed()] {
      var ledger = PageLedger()
      let item = ledger.beginItem(at: 0)
      let tokens = order.indices.map { ledger.beginPut(item: item, result: $0) }
      ledger.completeItem(item)
      for (token, end) in zip(tokens, order) {
        #expect(ledger.isSettled == false)
        ledger.end(token, end)
      }
      #expect(ledger.isSettled == true)
      #expect(BackfillOutcome.allCases.filter { ledger.count(of: $0) > 0 } == [expected])
    }
  }

  @Test("An answer before the last result is handed out doesn't settle the item")
  func earlyAnswer() {
    var ledger = PageLedger()
    let item = ledger.beginItem(at: 0)
    ledger.end(ledger.beginPut(item: item, result: 0), .migrated)
    #expect(ledger.isSettled == false)
    ledger.completeItem(item)
    #expect(ledger.isSettled == true)
  }

  @Test("A put sent again keeps count of its failures and of what may have landed")
  func repeats() {
    var ledger = PageLedger()
    let item = ledger.beginItem(at: 0)
    let token = ledger.beginPut(item: item, result: 0)
    ledger.completeItem(item)
    ledger.repeatLater(token, mayHaveLanded: true)
    #expect(ledger.hasRepeats == true)
    #expect(ledger.nextRepeat() == token)
    #expect(ledger.hasRepeats == false)
    ledger.repeatLater(token, mayHaveLanded: false)
    #expect(ledger.nextRepeat() == token)
    let failures = [ledger.noteFailure(token), ledger.noteFailure(token)]
    #expect(failures == [1, 2])
    #expect(ledger.puts[token].mayHaveLanded == true)
    #expect(ledger.isSettled == false)
  }
}
