import Model

@testable import Wire

/// Every type that a call, an answer or a notification carries: read from whatever JSON there is, it is refused
/// in words, or reads the same once more after it was written.
enum WireTypes {
  private static let all: [any (Codable & Equatable & Sendable).Type] = [
    AgentHello.self, ClusterDetail.self, UsageRequest.self, UsageView.self, LimitWrite.self,
    LimitWriteResult.self, AdmissionRules.self, AdmissionRequest.self, AdmissionDecision.self,
    JobsRequest.self, JobsChanged.self, NativeJob.self, Association.self,
    QualityOfService.self, Project.self, ProjectSet.self, PlanRequest.self, Plan.self, QuotaStatus.self,
    QuotaChanged.self, QuotaRequest.self, ProjectRequest.self, ServiceStatus.self, ClusterStatus.self,
    ClusterRequest.self,
    AuditRequest.self, AuditEntry.self, ChargesRequest.self, ChargesPage.self, UsageReportRequest.self,
    UsageLine.self, Failure.self, [Int8].self, [Double?].self, [[String]].self,
  ]

  static func check(_ parameters: Parameters) throws(Broken) {
    for type in all { try roundTrip(type, parameters) }
  }

  private static func roundTrip<Value: Codable & Equatable>(
    _ type: Value.Type, _ parameters: Parameters
  ) throws(Broken) {
    switch attempt({ () throws(Failure) in try parameters.decode(type) }) {
    case .success(let value):
      let written = JSON.encode(value)
      let again = attempt { () throws(Failure) in try JSON.decode(type, from: written) }
      try promise((try? again.get()) == value, "\(type) was read again as \(again): \(text(written))")
    case .failure(let failure): try JSONPromises.checkWords(failure, among: [.badParameters])
    }
  }
}
