import { ChatRoom } from "@/components/ChatRoom";

export default function Page() {
  return <ChatRoom roomId="general" />;
}
