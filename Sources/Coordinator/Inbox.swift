internal import Core
internal import Model
internal import RPC
internal import Threads
internal import Wire

/// What reaches the writer, and the one way to it.
enum Item: Sendable {
  case call(RPCCall)
  case gone(RPCPeer)
  case linked(ClusterName, AgentHello)
  case news(ClusterName, AgentHello)
  case unlinked(ClusterName, reason: String)
  case view(ClusterName, UsageView)
  case writeEnded(ClusterName, WriteNumber, WriteEnd)
  case charges(ChargesPage)
  case chargesRefused(ClusterName, Failure)
  case errandEnded(ErrandEnd)
}

/// Calls are refused when it is full; agents wait for room, so that nothing they told is lost.
typealias Inbox = BlockingQueue<Item>
