package import DynamoDBModel
package import HTTPTransport

/// Writes the results of one old item after the other as wire JSON: compiled mappings on the page's bytes, mappings in Swift by way of
/// values.
package struct ItemConverter: ~Copyable {
  private let mapping: any TableMapping
  /// A compiled mapping's blocks. Unmanaged, since to count a reference an item is 3 % of its conversion; `mapping` keeps them.
  private let plans: [Unmanaged<BlockPlan>]?
  private var scratch = ConversionScratch()
  private var results: [Item] = []
  /// Results of a mapping in Swift, to see where their attributes lie.
  private var resultTape = ItemTape()

  /// - Parameter notesPlaces: whether `places` is asked for.
  package init(_ mapping: any TableMapping, notesPlaces: Bool = false) {
    self.mapping = mapping
    scratch.notesPlaces = notesPlaces
    plans = (mapping as? CompiledMapping)?.plans.map { .passUnretained($0) }
  }

  /// Where the attributes of the result written last lie in what it was written to; nothing unless it was said that they are asked for.
  package var places: Slab<AttributePlace> {
    _read { yield scratch.places }
  }

  /// Takes up the item on the tape.
  ///
  /// - Returns: how many results to ask for; a compiled mapping may still skip some of them.
  package mutating func begin(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) throws(ConversionError) -> Int {
    if let plans {
      scratch.begin(tape)
      return plans.count
    }
    results = try mapping.checkedConvert(Item(tape, bytes))
    return results.count
  }

  /// Appends the item's result to `out`.
  ///
  /// What holds for one result holds for itself alone: where another one of the item fails, none of them may be used.
  /// - Parameter result: 0..< what `begin` returned for this item.
  /// - Returns: false if the mapping skips it; nothing was appended then.
  /// - Throws: what a rule can't do, or which of the service's limits the result breaks; nothing is appended then.
  package mutating func write(
    _ result: Int, of tape: borrowing ItemTape, _ bytes: Span<UInt8>, to out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let start = out.count
    scratch.places.removeAll()
    guard let plans else {
      results[result].encode(into: &out)
      if scratch.notesPlaces { notePlaces(of: out, from: start) }
      return true
    }
    let outcome: Result<Bool, ConversionError> = plans[result]._withUnsafeGuaranteedRef { plan in
      do throws(ConversionError) {
        return .success(try plan.convert(at: 0, tape, bytes, &scratch, &out))
      } catch {
        return .failure(error)
      }
    }
    if case .failure = outcome { out.truncate(to: start) }
    return try outcome.get()
  }

  private mutating func notePlaces(of out: borrowing ByteBuffer, from start: Int) {
    do {
      _ = try resultTape.read(out.span, at: start)
    } catch {
      preconditionFailure("what was converted is an item's JSON")
    }
    if resultTape.count > 1 { resultTape.appendPlaces(from: 1, through: resultTape.count - 1, shift: 0, to: &scratch.places) }
  }
}
