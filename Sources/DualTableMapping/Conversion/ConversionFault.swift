/// Why a step can't be done, before it is known for which rule.
enum ConversionFault: Error {
  case wrongType, notReversible, invalidValue, unmatchedValue

  var code: ConversionError.Code {
    switch self {
    case .wrongType: .wrongType
    case .notReversible: .notReversible
    case .invalidValue: .invalidValue
    case .unmatchedValue: .unmatchedValue
    }
  }
}
