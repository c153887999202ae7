internal import DynamoDBModel
internal import HTTPTransport

// Time to live, and the windows of restores.
extension SimulatedService {
  func describeTimeToLive(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let setting = tables[try describedTable(request)].definition.timeToLive
    let isSettled = request.now >= setting.settledAt
    let status = setting.isEnabled ? (isSettled ? "ENABLED" : "ENABLING") : isSettled ? "DISABLED" : "DISABLING"
    let isShown = setting.isEnabled || !isSettled
    return Self.answer(
      "TimeToLiveDescription",
      .object(("TimeToLiveStatus", .string(status)), ("AttributeName", isShown ? setting.attribute.map { .string($0) } : nil)))
  }

  mutating func updateTimeToLive(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let name = try Self.requiredTable(request, &constraints)
    let specification = try request.json("TimeToLiveSpecification")
    constraints.notNull(specification != nil, "timeToLiveSpecification")
    let attribute = try specification?.member("AttributeName")?.text()
    let isEnabled = try specification?.member("Enabled")?.truth()
    if specification != nil {
      constraints.notNull(attribute != nil, "timeToLiveSpecification.attributeName")
      constraints.notNull(isEnabled != nil, "timeToLiveSpecification.enabled")
    }
    if let attribute { constraints.length(attribute.utf8.count, attribute, "timeToLiveSpecification.attributeName", 1, 255) }
    try constraints.check()
    guard let specification, let attribute, let isEnabled else { preconditionFailure("the constraints ask for them") }
    guard let index = tables.index(of: name) else { throw .tableMissing(name) }
    try checkSettled(index, at: request.now)
    let current = tables[index].definition.timeToLive
    guard request.now >= current.settledAt else {
      throw .validation("Time to live has been modified multiple times within a fixed interval")
    }
    if current.isEnabled, let name = current.attribute, name != attribute {
      throw .validation("TimeToLive is active on a different AttributeName: current AttributeName is \(name)")
    }
    guard current.isEnabled != isEnabled else {
      throw .validation("TimeToLive is already \(isEnabled ? "enabled" : "disabled")")
    }
    tables[index].definition.timeToLive = TimeToLive(
      attribute: attribute, isEnabled: isEnabled, settledAt: request.now + settings.settlingTime)
    if isEnabled {
      tables[index].expire(by: attribute, seed: settings.seed, longestDelay: settings.longestExpiryDelay)
    } else {
      tables[index].expiry = nil
    }
    return Self.answer("TimeToLiveSpecification", specification)
  }

  func describeContinuousBackups(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    guard let name = try request.string("TableName") else {
      throw .validation("The parameter 'TableName' is required but was not present in the request")
    }
    guard tables.index(of: Self.tableName(name)) != nil else {
      throw .service("TableNotFoundException", "Table not found: \(name)")
    }
    return Self.answer(
      "ContinuousBackupsDescription",
      .object(
        ("ContinuousBackupsStatus", .string("ENABLED")),
        ("PointInTimeRecoveryDescription", .object(("PointInTimeRecoveryStatus", .string("DISABLED"))))))
  }
}
