internal import Synchronization

extension DynamoDBSimulator {
  /// Everything in the tables now, and how many changes it took to come there.
  package func snapshot() -> (snapshot: ServiceSnapshot, changes: Int) {
    change { service in (ServiceSnapshot(tables: service.tables, tokens: service.tokens), service.changeCount) }
  }

  /// Grows with everything that may have changed something.
  package var changeCount: Int { change { $0.changeCount } }

  /// Replaces all tables by those that were read.
  package func restore(_ reader: consuming SnapshotReader) {
    reader.finish()
    let (tables, tokens) = (reader.tables, reader.tokens)
    change { service in
      service.restore(tables)
      service.tokens = tokens
    }
  }
}

extension SimulatedService {
  fileprivate var changeCount: Int { writeCount + administrationCount }

  fileprivate mutating func restore(_ restored: TableList) {
    tables = restored
    for index in tables.all.indices {
      if let policy = tables[index].definition.policy {
        access.resourcePolicies[tables[index].name] = try? AccessPolicy(policy.text, ofResource: true)
      }
      let timeToLive = tables[index].definition.timeToLive
      if timeToLive.isEnabled, let attribute = timeToLive.attribute {
        tables[index].expire(by: attribute, seed: settings.seed, longestDelay: settings.longestExpiryDelay)
      }
    }
  }
}
