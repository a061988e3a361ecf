package import Admission
package import Model

/// How an agent answers the hook in the cluster's own submission.
package struct AdmissionSettings: Sendable {
  package var socket: String
  /// The user that the hook runs as: the one, besides root, that may ask.
  package var caller: UInt32
  /// Typed TRES that requests without a type become, where a type is capped; without one they are refused.
  package var defaultTypes: [TRES]
  package var fillIns: [FillIn]
  package var jobTypes: [JobTypeRule]

  package init(
    socket: String, caller: UInt32, defaultTypes: [TRES] = [], fillIns: [FillIn] = [],
    jobTypes: [JobTypeRule] = []
  ) {
    self.socket = socket
    self.caller = caller
    self.defaultTypes = defaultTypes
    self.fillIns = fillIns
    self.jobTypes = jobTypes
  }

  /// The types that jobs can be of here; nil for none.
  var typesTold: [JobType]? { jobTypes.isEmpty ? nil : jobTypes.types }
}
