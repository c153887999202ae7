/// An answer that says what its request cost, if that asked.
protocol CapacityReport {
  associatedtype Report: CapacityList
  var consumedCapacity: Report { get }
}

/// What an answer about one table or about several says.
protocol CapacityList {
  var byTable: [ConsumedCapacity] { get }
}

extension ConsumedCapacity?: CapacityList {
  var byTable: [ConsumedCapacity] { map { [$0] } ?? [] }
}

extension [ConsumedCapacity]: CapacityList {
  var byTable: [ConsumedCapacity] { self }
}

extension GetItemOutput: CapacityReport {}
extension WriteItemOutput: CapacityReport {}
extension ScanOutput: CapacityReport {}
extension BatchGetItemOutput: CapacityReport {}
extension BatchWriteItemOutput: CapacityReport {}
extension TransactGetItemsOutput: CapacityReport {}
extension TransactWriteItemsOutput: CapacityReport {}
extension BatchExecuteStatementOutput: CapacityReport {}
