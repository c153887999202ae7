package import HTTPTransport

extension DynamoDBError {
  /// The error of a request that has no answer.
  package init(transport error: HTTPTransportError) {
    let code: Code =
      switch error.phase {
      case .resolve: .cannotResolve
      case .connect: .cannotConnect
      case .tls: .tlsFailed
      case .send, .receive: .connectionLost
      case .timeout: .timeout
      case .cancelled: .cancelled
      case .closed: .closed
      case .overloaded: .overloaded
      }
    self.init(code, error.message, mayHaveArrived: error.mayHaveArrived, cause: error)
  }

  /// The error of a call that its transport left without an answer and without an error: nobody can say what became of it.
  static var cutShort: DynamoDBError { DynamoDBError(.cancelled, "The call was cut short.", mayHaveArrived: true) }

  /// The error of a call whose task was cancelled while nothing of it was in flight.
  package static var cancelled: DynamoDBError { DynamoDBError(.cancelled, "The calling task was cancelled.") }
}
