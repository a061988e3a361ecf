import Model

@testable import Wire

/// Every type that a call, an answer or a notification carries: read from whatever JSON there is, it is refused
/// in words that name the field, or reads the same once more after it was written.
enum WireTypes {
  static let all: [(Parameters) throws(Broken) -> Void] = [
    roundTrip(AgentHello.self), roundTrip(ClusterDetail.self), roundTrip(UsageRequest.self),
    roundTrip(UsageView.self), roundTrip(LimitWrite.self), roundTrip(LimitWriteResult.self),
    roundTrip(JobsRequest.self), roundTrip(JobsChanged.self), roundTrip(NativeJob.self),
    roundTrip(Association.self), roundTrip(QualityOfService.self), roundTrip(Project.self),
    roundTrip(ProjectSet.self), roundTrip(PlanRequest.self), roundTrip(Plan.self),
    roundTrip(QuotaStatus.self), roundTrip(QuotaChanged.self), roundTrip(ProjectRequest.self),
    roundTrip(ServiceStatus.self), roundTrip(ClusterStatus.self), roundTrip(ClusterRequest.self),
    roundTrip(AuditRequest.self), roundTrip(AuditEntry.self), roundTrip(Failure.self),
    roundTrip([Int8].self), roundTrip([Double?].self), roundTrip([[String]].self),
  ]

  private static func roundTrip<Value: Codable & Equatable>(
    _ type: Value.Type
  ) -> (Parameters) throws(Broken) -> Void {
    { parameters throws(Broken) in
      switch attempt({ () throws(Failure) in try parameters.decode(type) }) {
      case .success(let value):
        let written = JSON.encode(value)
        let again = attempt { () throws(Failure) in try JSON.decode(type, from: written) }
        try promise((try? again.get()) == value, "\(type) was read again as \(again): \(text(written))")
      case .failure(let failure): try JSONPromises.checkWords(failure, among: [.badParameters])
      }
    }
  }
}
