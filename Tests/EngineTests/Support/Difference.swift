/// Where an engine doesn't do what the service does; a case that meets one expects it, so that it notices when it goes.
enum Difference: Sendable {
  /// `ReturnValuesOnConditionCheckFailure` is ignored: a refusal brings no item.
  case noItemOnRefusal
  /// Every write costs 1 and every read 0.5, whatever its size.
  case flatCapacity
  /// Numbers come back as they were sent.
  case numbersAsSent
  /// Numbers beyond 38 digits or 1E126 are taken.
  case takesImpossibleNumbers
  /// A key of the wrong type finds nothing and is no error.
  case takesWrongKeyTypes
  /// An alias with an index or a member behind it (`#a[2]`) counts as unused.
  case noPathsBehindAliases
  /// BatchGetItem answers with 1 MB at most, not 16 MB.
  case smallBatches
  /// BatchGetItem answers with all it is asked for, whatever its size.
  case largeBatches
  /// BatchGetItem never says what it cost.
  case noBatchCapacity
  /// UpdateTable takes a table's class and keeps the one there is.
  case fixedTableClass
  /// There are no transactions: their operations are unknown.
  case noTransactions
  /// There is no PartiQL, or none with parameters.
  case noPartiQL
  /// Tables have no time to live.
  case noTimeToLive
  /// There are neither resource policies nor continuous backups.
  case noPoliciesAndBackups
  /// Tables have no streams, classes or protection from deletion, and keep the indexes that they were made with.
  case fewTableSettings
  /// Conditions on operands of another type or none are errors or go by rules of its own.
  case looseConditions
}

extension Engine {
  /// The differences that were found, by engine; an engine that isn't named here is held to be as the service.
  func has(_ difference: Difference) -> Bool {
    switch name {
    case "moto":
      [
        .flatCapacity, .numbersAsSent, .takesImpossibleNumbers, .takesWrongKeyTypes, .noPathsBehindAliases, .noPartiQL, .looseConditions,
        .fixedTableClass,
      ].contains(difference)
    case "dynalite":
      [.noItemOnRefusal, .smallBatches, .noTransactions, .noPartiQL, .noTimeToLive, .noPoliciesAndBackups, .fewTableSettings].contains(
        difference)
    case "ministack": [.largeBatches, .noBatchCapacity, .looseConditions].contains(difference)
    case "dynoxide": difference == .noPoliciesAndBackups
    default: false
    }
  }
}
