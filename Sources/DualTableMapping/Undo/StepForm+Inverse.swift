import DynamoDBModel

extension [StepForm] {
  /// The steps that undo these, in an order that a rule has; nil with `reason` where there are none.
  ///
  /// A rule applies `lookup` before `type` and `type` before `each`, so their inverses, which must come the other way round, are steps of one
  /// rule only where they melt into one.
  func inverse(at place: YAMLPlace) throws(InversionFault) -> [StepForm] {
    switch count {
    case 0: return []
    case 1: return [try self[0].inverse(at: place)]
    default:
      guard count == 2, case .lookup(let table) = self[0], case .convert(let conversion) = self[1], conversion.inverse != nil else {
        throw InversionFault(place: place, sentence: "several steps can't be undone in the order that a rule has")
      }
      return [.lookup(try table.converted(by: conversion).inverse(at: place))]
    }
  }
}

extension StepForm {
  fileprivate func inverse(at place: YAMLPlace) throws(InversionFault) -> StepForm {
    switch self {
    case .parse: throw InversionFault(place: place, sentence: "not every hole of the pattern is taken by a rule of its own, as it is")
    case .lookup(let table): return .lookup(try table.inverse(at: place))
    case .convert(let conversion):
      if let inverse = conversion.inverse { return .convert(inverse) }
      throw InversionFault(
        place: place,
        sentence: conversion.isLossy ? "what is `lossy` doesn't come back" : "a value that was JSON doesn't come back as the same text")
    case .eachValue(let steps): return .eachValue(try steps.inverse(at: place))
    case .eachBlock(let block):
      if block.skipWhen != nil {
        throw InversionFault(place: block.places.skipWhen, sentence: "elements that `skip-when` leaves out don't come back")
      }
      var inversion = BodyInversion(block, restored: [], revert: RevertForm())
      inversion.run()
      if let fault = inversion.faults.first { throw fault }
      return .eachBlock(
        BlockForm(
          name: "", isPrimary: false, skipWhen: nil, rules: inversion.rules, drop: inversion.drop, rest: inversion.rest, keysBack: nil,
          places: .none))
    }
  }
}

extension LookupForm {
  fileprivate func inverse(at place: YAMLPlace) throws(InversionFault) -> LookupForm {
    guard otherwise == .error else {
      throw InversionFault(place: place, sentence: "what `otherwise` lets pass can't be told from what the lookup gives")
    }
    guard isInjective else { throw InversionFault(place: place, sentence: "two values of the lookup give one") }
    guard entries.allSatisfy({ $0.to.isLookupKey }) else {
      throw InversionFault(place: place, sentence: "only text, numbers, truth values and null can be looked up in turn")
    }
    return LookupForm(entries.map { Entry(from: $0.to, to: $0.from) }, otherwise: .error)
  }

  /// The lookup with its results converted; those that can't be are left out, as no item gets them.
  fileprivate func converted(by conversion: Conversion) -> LookupForm {
    LookupForm(
      entries.compactMap { entry in (try? conversion.convert(entry.to)).map { Entry(from: entry.from, to: $0) } }, otherwise: otherwise)
  }
}

extension AttributeValue {
  /// True for what can be a lookup's key.
  fileprivate var isLookupKey: Bool {
    switch self {
    case .string, .number, .bool, .null: true
    default: false
    }
  }
}
