/// Performs `body` to its end even where the calling task is cancelled, on the executor that the task prefers.
///
/// A goodbye must be said by somebody who has been told to stop: the requests of a cancelled task are never sent.
package func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
  let executor = withUnsafeCurrentTask { task in unsafe task?.unownedTaskExecutor?.asTaskExecutor() }
  return await Task(executorPreference: executor, operation: body).value
}
