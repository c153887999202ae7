internal import DynamoDBModel

/// The books of one scan page: which puts are out, which must be sent again, and how each item ended.
///
/// A pure value: the page's source tells it what was sent and what came back, and asks it what to send next. An item is settled when
/// none of its puts is open and no further result of it is to come; a page is settled when all its items are.
struct PageLedger: ~Copyable {
  /// One put of one result of one item.
  struct Put: BitwiseCopyable {
    /// Index of the item in the page.
    let item: Int
    /// Which of the item's results this is.
    let result: Int
    /// Tries of it that failed while others went through.
    var failures = 0
    /// Write units that the last try of it was reckoned to cost.
    var units = 1.0
    /// The number under which a gate knows the last try.
    var permit: Int?
    /// Whether a try of it may have landed although no answer said so.
    var mayHaveLanded = false
  }

  struct Entry: BitwiseCopyable {
    /// Offset of the item in the page's bytes.
    let offset: Int
    var open = 0
    var isComplete = false
    var outcome = BackfillOutcome.filtered
  }

  // Slabs, because an array asks with each change whether it is the only one to have its elements: 3 % of a put's processor time.
  private(set) var puts = Slab<Put>(capacity: 512)
  private var items = Slab<Entry>(capacity: 512)
  private var again: [Int] = []
  private var alone: [Int] = []
  private var unsettled = 0

  /// Items the page has handed out so far.
  var itemCount: Int { items.count }
  /// True when every item that was begun has ended.
  var isSettled: Bool { unsettled == 0 }
  /// True when a put waits to be sent again.
  var hasRepeats: Bool { !again.isEmpty || !alone.isEmpty }

  /// Forgets everything and keeps the memory, for the next page.
  mutating func reset() {
    puts.removeAll()
    items.removeAll()
    again.removeAll(keepingCapacity: true)
    alone.removeAll(keepingCapacity: true)
    unsettled = 0
  }

  /// Begins the item at `offset` of the page's bytes, and returns its index.
  mutating func beginItem(at offset: Int) -> Int {
    items.append(Entry(offset: offset))
    unsettled += 1
    return items.count - 1
  }

  /// Where the item lies in the page's bytes.
  func offset(of item: Int) -> Int { items[item].offset }

  /// Books a put of the item's result as sent for the first time, and returns its token.
  mutating func beginPut(item: Int, result: Int) -> Int {
    items[item].open += 1
    puts.append(Put(item: item, result: result))
    return puts.count - 1
  }

  /// Says that no further result of the item is to come.
  mutating func completeItem(_ item: Int) {
    items[item].isComplete = true
    settle(item)
  }

  /// Ends a put.
  mutating func end(_ token: Int, _ outcome: BackfillOutcome) {
    let item = puts[token].item
    note(outcome, of: item)
    items[item].open -= 1
    settle(item)
  }

  /// Books what became of an item, or of a result of it, without a put.
  mutating func note(_ outcome: BackfillOutcome, of item: Int) {
    items[item].outcome = min(items[item].outcome, outcome)
  }

  /// Puts the put into the queue of those to be sent again.
  ///
  /// - Parameter mayHaveLanded: the try just ended may have been carried out, so a later refusal by an equal item is our own doing.
  mutating func repeatLater(_ token: Int, mayHaveLanded: Bool) {
    if mayHaveLanded { puts[token].mayHaveLanded = true }
    again.append(token)
  }

  /// Takes the next put to be sent again out of the queue and books the try.
  mutating func nextRepeat() -> Int? {
    again.popLast()
  }

  /// The same for a put that no batch may hold.
  mutating func repeatAlone(_ token: Int) { alone.append(token) }

  /// Takes the next put that must be sent by itself out of the queue and books the try.
  mutating func nextAlone() -> Int? {
    alone.popLast()
  }

  /// Notes that a try of the put failed while others went through; how often that was.
  mutating func noteFailure(_ token: Int) -> Int {
    puts[token].failures += 1
    return puts[token].failures
  }

  /// Takes all puts that wait to be sent again.
  mutating func takeRepeats() -> [Int] {
    defer { (again, alone) = ([], []) }
    return again + alone
  }

  /// Notes what a try of the put probably costs, and under which number a gate knows it.
  mutating func sent(_ token: Int, units: Double, permit: Int?) {
    puts[token].units = units
    puts[token].permit = permit
  }

  /// Takes the permit of the put's try, which has ended.
  mutating func takePermit(_ token: Int) -> Int? { puts[token].permit.take() }

  /// How the item stands so far.
  func outcome(of item: Int) -> BackfillOutcome { items[item].outcome }

  /// How the items ended; meant for a settled page.
  func count(of outcome: BackfillOutcome) -> Int {
    var count = 0
    for item in 0..<items.count where items[item].outcome == outcome { count += 1 }
    return count
  }

  private mutating func settle(_ item: Int) {
    if items[item].isComplete && items[item].open == 0 { unsettled -= 1 }
  }
}
