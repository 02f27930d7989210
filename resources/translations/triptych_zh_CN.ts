<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutPage</name>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Version {number}</source>
        <translation>版本 {number}</translation>
    </message>
    <message>
        <source>Chat, images and audio with OpenAI&apos;s API, every server that speaks it, or the engine inside. Nothing is sent anywhere but to the providers you set up, when you ask for a model to its publisher, and, if you want to hear of newer versions, to the page that announces them.</source>
        <translation>通过 OpenAI 的 API、任何兼容的服务器或内置引擎进行对话、作图和处理音频。除了您设置的服务商、您下载模型时的模型发布方，以及您同意检查新版本时的发布页面，不会向任何地方发送数据。</translation>
    </message>
    <message>
        <source>Free software under the {name} licence.</source>
        <translation>自由软件，采用 {name} 许可证。</translation>
    </message>
    <message>
        <source>Website</source>
        <translation>网站</translation>
    </message>
    <message>
        <source>Open the data folder</source>
        <translation>打开数据文件夹</translation>
    </message>
    <message>
        <source>With the work of many others</source>
        <translation>使用了众多他人的成果</translation>
    </message>
    <message>
        <source>A click shows the licence.</source>
        <translation>点击可查看许可证。</translation>
    </message>
</context>
<context>
    <name>ActionRow</name>
    <message>
        <source>More actions</source>
        <translation>更多操作</translation>
    </message>
</context>
<context>
    <name>AttachmentChip</name>
    <message>
        <source>Open {name}</source>
        <translation>打开 {name}</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
</context>
<context>
    <name>AudioTab</name>
    <message>
        <source>Record or stop recording</source>
        <translation>开始或停止录音</translation>
    </message>
    <message>
        <source>Pause or resume the recording</source>
        <translation>暂停或继续录音</translation>
    </message>
    <message>
        <source>Add sound or video files…</source>
        <translation>添加音频或视频文件…</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>转写</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>Play from the text cursor</source>
        <translation>从文本光标处播放</translation>
    </message>
    <message>
        <source>Copy the transcript</source>
        <translation>复制转写稿</translation>
    </message>
    <message>
        <source>Rename the recording</source>
        <translation>重命名录音</translation>
    </message>
    <message>
        <source>A recording is running. It ends here; what was recorded is kept.</source>
        <translation>正在录音。退出后录音到此为止，已录下的内容会保留。</translation>
    </message>
    <message>
        <source>Speech becomes text here</source>
        <translation>在这里把语音变成文字</translation>
    </message>
    <message>
        <source>Record with the button below, or drop sound and video files anywhere on this page.</source>
        <translation>用下方按钮录音，或将音频、视频文件拖放到此页面的任意位置。</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>添加文件…</translation>
    </message>
</context>
<context>
    <name>AudioWords</name>
    <message>
        <source>Being transcribed</source>
        <translation>正在转写</translation>
    </message>
    <message>
        <source>Transcribed</source>
        <translation>已转写</translation>
    </message>
    <message>
        <source>Stopped in the middle</source>
        <translation>中途停止</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>No speech found</source>
        <translation>未发现语音</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>正在录音</translation>
    </message>
    <message>
        <source>Recovered after a crash</source>
        <translation>崩溃后恢复</translation>
    </message>
    <message>
        <source>Text (TXT)</source>
        <translation>文本 (TXT)</translation>
    </message>
    <message>
        <source>Subtitles (SRT)</source>
        <translation>字幕 (SRT)</translation>
    </message>
    <message>
        <source>Web subtitles (VTT)</source>
        <translation>网页字幕 (VTT)</translation>
    </message>
    <message>
        <source>Data with times (JSON)</source>
        <translation>带时间的数据 (JSON)</translation>
    </message>
</context>
<context>
    <name>BackupContents</name>
    <message>
        <source>Untitled</source>
        <translation>未命名</translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n 条消息</numerusform>
        </translation>
    </message>
    <message>
        <source>In the backup of {moment}</source>
        <translation>{moment} 的备份</translation>
    </message>
    <message>
        <source>All backups</source>
        <translation>所有备份</translation>
    </message>
    <message>
        <source>Search titles</source>
        <translation>搜索标题</translation>
    </message>
    <message>
        <source>Conversations in this backup</source>
        <translation>此备份中的对话</translation>
    </message>
    <message>
        <source>Restore this conversation</source>
        <translation>恢复此对话</translation>
    </message>
    <message>
        <source>It is copied; what you have now stays.</source>
        <translation>将以副本恢复，现有内容不受影响。</translation>
    </message>
</context>
<context>
    <name>BackupList</name>
    <message>
        <source>Put this backup in the place of your data?</source>
        <translation>用此备份替换现有数据？</translation>
    </message>
    <message>
        <source>Conversations, the lists of pictures and recordings, transcripts and settings become those of {moment}. The state of now is kept as a backup, and files of pictures and recordings stay where they are. Triptych closes its window and opens it again.</source>
        <translation>对话、图片和录音列表、转写稿以及设置将恢复到 {moment} 的状态。当前状态会另存为备份，图片和录音文件保持原位。Triptych 会关闭窗口并重新打开。</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Delete this backup?</source>
        <translation>删除此备份？</translation>
    </message>
    <message>
        <source>What is only in the backup of {moment} is lost then.</source>
        <translation>只存在于 {moment} 备份中的内容将会丢失。</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>One is made a day and kept for a week, and one of each of the four weeks before. They lie beside your data, so keep an export elsewhere as well. Keys are in none of them.</source>
        <translation>每天备份一次，保留一周；再往前四周，每周保留一份。备份与数据在同一位置，请另外在别处保存一份导出文件。备份中不含任何密钥。</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>立即备份</translation>
    </message>
    <message>
        <source>There is no backup yet. The first is made a few minutes after the start.</source>
        <translation>还没有备份。程序启动几分钟后会自动创建第一份。</translation>
    </message>
</context>
<context>
    <name>BackupRow</name>
    <message>
        <source>Look inside…</source>
        <translation>查看内容…</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translation>恢复…</translation>
    </message>
    <message>
        <source>Delete this backup</source>
        <translation>删除此备份</translation>
    </message>
    <message>
        <source>Look into the backup of {moment}</source>
        <translation>查看 {moment} 的备份</translation>
    </message>
    <message>
        <source>Restore the backup of {moment}</source>
        <translation>恢复 {moment} 的备份</translation>
    </message>
    <message>
        <source>Delete the backup of {moment}</source>
        <translation>删除 {moment} 的备份</translation>
    </message>
    <message>
        <source>daily</source>
        <translation>每日</translation>
    </message>
    <message>
        <source>before an upgrade</source>
        <translation>升级前</translation>
    </message>
    <message>
        <source>before a restore</source>
        <translation>恢复前</translation>
    </message>
    <message>
        <source>before an update</source>
        <translation>更新之前</translation>
    </message>
    <message>
        <source>found damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>It cannot be read.</source>
        <translation>无法读取。</translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n 条消息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n 张图片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n recording(s)</source>
        <translation>
            <numerusform>%n 段录音</numerusform>
        </translation>
    </message>
    <message>
        <source>Last: {titles}</source>
        <translation>最近：{titles}</translation>
    </message>
</context>
<context>
    <name>ChatKeys</name>
    <message>
        <source>Send the message</source>
        <translation>发送消息</translation>
    </message>
    <message>
        <source>New line in the message</source>
        <translation>在消息中换行</translation>
    </message>
    <message>
        <source>Edit the last prompt, from the empty field</source>
        <translation>输入框为空时：编辑上一条提问</translation>
    </message>
    <message>
        <source>To the message before</source>
        <translation>跳到上一条消息</translation>
    </message>
    <message>
        <source>To the next message</source>
        <translation>跳到下一条消息</translation>
    </message>
    <message>
        <source>Rename, in the list of conversations</source>
        <translation>在对话列表中：重命名</translation>
    </message>
    <message>
        <source>Delete, in the list of conversations</source>
        <translation>在对话列表中：删除</translation>
    </message>
</context>
<context>
    <name>ChatRows</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n 个 token</numerusform>
        </translation>
    </message>
    <message>
        <source>{speed} tokens/s</source>
        <translation>{speed} token/秒</translation>
    </message>
</context>
<context>
    <name>ChatTab</name>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Search conversations</source>
        <translation>搜索对话</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Show or hide conversations</source>
        <translation>显示或隐藏对话列表</translation>
    </message>
    <message>
        <source>Show or hide parameters</source>
        <translation>显示或隐藏参数</translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation>停止回答</translation>
    </message>
    <message>
        <source>Pin or unpin this conversation</source>
        <translation>置顶此对话或取消置顶</translation>
    </message>
    <message>
        <source>Export this conversation</source>
        <translation>导出此对话</translation>
    </message>
    <message>
        <source>Delete this conversation</source>
        <translation>删除此对话</translation>
    </message>
</context>
<context>
    <name>CodeCard</name>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Wrap long lines</source>
        <translation>自动换行</translation>
    </message>
    <message>
        <source>Copy code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>Columns</name>
    <message>
        <source>Conversations (Ctrl+B)</source>
        <translation>对话列表 (Ctrl+B)</translation>
    </message>
    <message>
        <source>Show conversations</source>
        <translation>显示对话列表</translation>
    </message>
    <message>
        <source>System prompt and parameters (Ctrl+P)</source>
        <translation>系统提示词和参数 (Ctrl+P)</translation>
    </message>
    <message>
        <source>Show system prompt and parameters</source>
        <translation>显示系统提示词和参数</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>No matching command</source>
        <translation>没有匹配的命令</translation>
    </message>
    <message>
        <source>Type what you want to do</source>
        <translation>输入您想做的事</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>搜索命令</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Attach pictures or text files; dropping and pasting work too</source>
        <translation>添加图片或文本文件；也可以拖放或粘贴</translation>
    </message>
    <message>
        <source>Stop editing</source>
        <translation>取消编辑</translation>
    </message>
    <message>
        <source>Stop editing (Esc)</source>
        <translation>取消编辑 (Esc)</translation>
    </message>
    <message>
        <source>Editing a message: sending makes a new version and keeps the old one</source>
        <translation>正在编辑消息：发送后生成新版本，旧版本会保留</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>输入消息</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
</context>
<context>
    <name>ConnectionTest</name>
    <message>
        <source>Test connection</source>
        <translation>测试连接</translation>
    </message>
    <message>
        <source>Testing</source>
        <translation>正在测试</translation>
    </message>
</context>
<context>
    <name>ConversationListView</name>
    <message>
        <source>Conversations</source>
        <translation>对话列表</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
</context>
<context>
    <name>Conversations</name>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>JSON with all versions (*.json)</source>
        <translation>包含所有版本的 JSON (*.json)</translation>
    </message>
    <message>
        <source>Export conversation</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
</context>
<context>
    <name>CrashBox</name>
    <message>
        <source>Something went wrong in Triptych</source>
        <translation>Triptych 出错了</translation>
    </message>
    <message>
        <source>This is a mistake in the program, not yours. Your data is stored; you can go on working. The report below says what happened; it holds no keys and no messages.</source>
        <translation>这是程序的错误，与您的操作无关。您的数据已保存，可以继续使用。下方的报告说明了出错的情况，其中不含密钥和消息。</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
</context>
<context>
    <name>Desktop</name>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>The link leads to {host}.</source>
        <translation>此链接指向 {host}。</translation>
    </message>
    <message>
        <source>Open this link?</source>
        <translation>打开此链接？</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>“{name}” is opened in another program, which may run what is in it.</source>
        <translation>将在其他程序中打开“{name}”，该程序可能会运行其中的内容。</translation>
    </message>
    <message>
        <source>Open this file?</source>
        <translation>打开此文件？</translation>
    </message>
    <message numerus="yes">
        <source>Attach %n file(s) to the message</source>
        <translation>
            <numerusform>将 %n 个文件附加到消息</numerusform>
        </translation>
    </message>
    <message>
        <source>Attach the picture to the message</source>
        <translation>将图片附加到消息</translation>
    </message>
</context>
<context>
    <name>DevicePicker</name>
    <message>
        <source>System default ({name})</source>
        <translation>系统默认（{name}）</translation>
    </message>
    <message>
        <source>System default</source>
        <translation>系统默认</translation>
    </message>
    <message>
        <source>No microphone found</source>
        <translation>未找到麦克风</translation>
    </message>
    <message>
        <source>{name} (not connected)</source>
        <translation>{name}（未连接）</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>麦克风</translation>
    </message>
</context>
<context>
    <name>EngineCard</name>
    <message>
        <source>Restart</source>
        <translation>重新启动</translation>
    </message>
    <message>
        <source>Restart the engine</source>
        <translation>重新启动引擎</translation>
    </message>
    <message>
        <source>No model is in memory; the first request loads one.</source>
        <translation>内存中没有模型，首次请求时会自动加载。</translation>
    </message>
    <message>
        <source>In memory: {names}</source>
        <translation>已加载：{names}</translation>
    </message>
    <message>
        <source>The engine is switched off</source>
        <translation>引擎已关闭</translation>
    </message>
    <message>
        <source>Triptych runs in safe mode. Restart it normally to use the engine.</source>
        <translation>Triptych 正以安全模式运行。要使用引擎，请正常重启。</translation>
    </message>
    <message>
        <source>The engine cannot run on this computer</source>
        <translation>引擎无法在此电脑上运行</translation>
    </message>
    <message>
        <source>It needs a 64-bit Intel or AMD processor with AVX2, or a Mac. Connect a provider instead.</source>
        <translation>引擎需要支持 AVX2 的 64 位 Intel 或 AMD 处理器，或者 Mac。请改为连接服务商。</translation>
    </message>
    <message>
        <source>The engine is not running</source>
        <translation>引擎未运行</translation>
    </message>
    <message>
        <source>It starts by itself, within a second, when it is first needed.</source>
        <translation>首次需要时会在一秒内自动启动。</translation>
    </message>
    <message>
        <source>The engine is starting</source>
        <translation>引擎正在启动</translation>
    </message>
    <message>
        <source>The engine is running</source>
        <translation>引擎正在运行</translation>
    </message>
    <message>
        <source>The engine stopped unexpectedly</source>
        <translation>引擎意外停止</translation>
    </message>
    <message>
        <source>It is started again with the next request. Its last words:</source>
        <translation>下次请求时会重新启动。最后的输出：</translation>
    </message>
</context>
<context>
    <name>EnlargePanel</name>
    <message>
        <source>Enlarge pictures</source>
        <translation>放大图片</translation>
    </message>
    <message>
        <source>Drop pictures anywhere here: the built-in engine makes them four times as wide and high and keeps edges sharp. Large pictures take minutes. Nothing leaves this computer.</source>
        <translation>将图片拖放到此处任意位置：内置引擎会把宽和高各放大到四倍，并保持边缘清晰。大图片需要几分钟。数据不会离开此电脑。</translation>
    </message>
    <message>
        <source>The model for enlarging pictures is not on this computer yet.</source>
        <translation>此电脑上还没有用于放大图片的模型。</translation>
    </message>
    <message>
        <source>Enlarge ×4</source>
        <translation>放大 4 倍</translation>
    </message>
    <message numerus="yes">
        <source>Enlarge %n picture(s) ×4</source>
        <translation>
            <numerusform>将 %n 张图片放大 4 倍</numerusform>
        </translation>
    </message>
    <message>
        <source>Download it…</source>
        <translation>下载…</translation>
    </message>
    <message>
        <source>Pictures from words</source>
        <translation>文字生成图片</translation>
    </message>
    <message>
        <source>For this, connect a provider that has an image model, or add a Stable Diffusion file to the built-in engine.</source>
        <translation>请连接提供图像模型的服务商，或为内置引擎添加 Stable Diffusion 文件。</translation>
    </message>
    <message>
        <source>Add a model file…</source>
        <translation>添加模型文件…</translation>
    </message>
    <message>
        <source>Connect a provider…</source>
        <translation>连接服务商…</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>That did not work</source>
        <translation>操作未成功</translation>
    </message>
    <message>
        <source>The server cannot be reached</source>
        <translation>无法连接服务器</translation>
    </message>
    <message>
        <source>No connection to {host} could be made.</source>
        <translation>无法与 {host} 建立连接。</translation>
    </message>
    <message>
        <source>Check the network, and whether the address is right and the server runs.</source>
        <translation>请检查网络、地址是否正确以及服务器是否正在运行。</translation>
    </message>
    <message>
        <source>The server did not answer in time</source>
        <translation>服务器未及时响应</translation>
    </message>
    <message>
        <source>{host} sent nothing for {seconds} seconds.</source>
        <translation>{host} 在 {seconds} 秒内没有发送任何内容。</translation>
    </message>
    <message>
        <source>Try again; a longer waiting time can be set in the provider&apos;s settings.</source>
        <translation>请重试；可在服务商设置中延长等待时间。</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not trusted</source>
        <translation>服务器的证书不受信任</translation>
    </message>
    <message>
        <source>In a company network, add its certificate file in the provider&apos;s settings. Otherwise check the address.</source>
        <translation>如在公司网络中，请在服务商设置中添加公司的证书文件；否则请检查地址。</translation>
    </message>
    <message>
        <source>The proxy does not let the request through</source>
        <translation>代理拒绝了请求</translation>
    </message>
    <message>
        <source>The request to {host} goes through a proxy that refused it.</source>
        <translation>发往 {host} 的请求被代理拒绝。</translation>
    </message>
    <message>
        <source>Check the proxy&apos;s address and password in the provider&apos;s settings.</source>
        <translation>请在服务商设置中检查代理的地址和密码。</translation>
    </message>
    <message>
        <source>This address does not speak the expected protocol</source>
        <translation>此地址不支持所需的协议</translation>
    </message>
    <message>
        <source>{host} answered, but not as an OpenAI-compatible server does.</source>
        <translation>{host} 有响应，但不是与 OpenAI 兼容的服务器。</translation>
    </message>
    <message>
        <source>Check the base address in the provider&apos;s settings; it usually ends in /v1.</source>
        <translation>请在服务商设置中检查基础地址，它通常以 /v1 结尾。</translation>
    </message>
    <message>
        <source>The server has moved to another address</source>
        <translation>服务器已迁移到其他地址</translation>
    </message>
    <message>
        <source>{host} sends requests on to {location}; nothing was sent there.</source>
        <translation>{host} 将请求转到 {location}；未向那里发送任何内容。</translation>
    </message>
    <message>
        <source>If you trust it, set the base address in the provider&apos;s settings to {suggestion}.</source>
        <translation>如果您信任该地址，请在服务商设置中将基础地址改为 {suggestion}。</translation>
    </message>
    <message>
        <source>The server does not offer this</source>
        <translation>服务器不提供此功能</translation>
    </message>
    <message>
        <source>{host} does not know {path}.</source>
        <translation>{host} 上不存在 {path}。</translation>
    </message>
    <message>
        <source>Choose another provider for this. If nothing works with this one, check its base address.</source>
        <translation>请换用其他服务商。如果此服务商的所有功能都不可用，请检查其基础地址。</translation>
    </message>
    <message>
        <source>The key was not accepted</source>
        <translation>密钥未被接受</translation>
    </message>
    <message>
        <source>{host} does not accept the key that is set for it.</source>
        <translation>{host} 不接受为其设置的密钥。</translation>
    </message>
    <message>
        <source>Enter the key again in the provider&apos;s settings.</source>
        <translation>请在服务商设置中重新输入密钥。</translation>
    </message>
    <message>
        <source>The key cannot be sent</source>
        <translation>无法发送密钥</translation>
    </message>
    <message>
        <source>The key for {host} holds a character that no key has (number {position}), so nothing was sent.</source>
        <translation>{host} 的密钥中第 {position} 个字符不合法，因此未发送任何内容。</translation>
    </message>
    <message>
        <source>Copy the key again, without quotes or line breaks, in the provider&apos;s settings.</source>
        <translation>请在服务商设置中重新粘贴密钥，不要带引号或换行。</translation>
    </message>
    <message>
        <source>The server does not permit this</source>
        <translation>服务器不允许此操作</translation>
    </message>
    <message>
        <source>The key is valid, but it may not be used for this.</source>
        <translation>密钥有效，但无权用于此操作。</translation>
    </message>
    <message>
        <source>The account may need to be verified, or the model released for it.</source>
        <translation>账户可能需要验证，或需要开通此模型。</translation>
    </message>
    <message>
        <source>The model is not available</source>
        <translation>模型不可用</translation>
    </message>
    <message>
        <source>The server does not know “{model}”, or this key may not use it.</source>
        <translation>服务器上没有“{model}”，或此密钥无权使用它。</translation>
    </message>
    <message>
        <source>Choose another model at the top right.</source>
        <translation>请在右上角选择其他模型。</translation>
    </message>
    <message>
        <source>No model is chosen yet</source>
        <translation>尚未选择模型</translation>
    </message>
    <message>
        <source>The connection to {host} could not be secured, so nothing was sent.</source>
        <translation>无法与 {host} 建立安全连接，因此未发送任何内容。</translation>
    </message>
    <message>
        <source>There is no model for this.</source>
        <translation>没有可用于此的模型。</translation>
    </message>
    <message>
        <source>What you wrote is kept. Choose a model, download one, or connect a provider.</source>
        <translation>您写的内容已保留。请选择或下载模型，或连接服务商。</translation>
    </message>
    <message>
        <source>The account&apos;s limit is reached</source>
        <translation>账户额度已用尽</translation>
    </message>
    <message>
        <source>The provider stops requests until the account has credit again.</source>
        <translation>在账户恢复额度之前，服务商会拒绝请求。</translation>
    </message>
    <message>
        <source>Check credit and limits on the provider&apos;s website; trying again does not help.</source>
        <translation>请在服务商网站上查看余额和限额；重试无济于事。</translation>
    </message>
    <message>
        <source>Too many requests at the moment</source>
        <translation>请求过于频繁</translation>
    </message>
    <message>
        <source>The server asks for a pause.</source>
        <translation>服务器要求暂缓请求。</translation>
    </message>
    <message>
        <source>Wait a moment and try again.</source>
        <translation>请稍候重试。</translation>
    </message>
    <message>
        <source>The server refused the request</source>
        <translation>服务器拒绝了请求</translation>
    </message>
    <message>
        <source>Something in the request is not accepted by this server or model.</source>
        <translation>此服务器或模型不接受请求中的某项内容。</translation>
    </message>
    <message>
        <source>The server&apos;s words below say what; change that setting and send again.</source>
        <translation>具体原因见下方服务器的回复；请修改相应设置后重新发送。</translation>
    </message>
    <message>
        <source>The conversation is too long for this model</source>
        <translation>对话超出了此模型的长度限制</translation>
    </message>
    <message>
        <source>All messages together do not fit the model&apos;s memory.</source>
        <translation>所有消息加起来超出了模型的上下文长度。</translation>
    </message>
    <message>
        <source>Start a new conversation, shorten the message or choose a larger model.</source>
        <translation>请新建对话、缩短消息或选择更大的模型。</translation>
    </message>
    <message>
        <source>This model cannot read pictures</source>
        <translation>此模型无法识别图片</translation>
    </message>
    <message>
        <source>The message holds a picture, and the chosen model reads text only.</source>
        <translation>消息中含有图片，而所选模型只能读取文本。</translation>
    </message>
    <message>
        <source>Choose a model that can see, or connect a provider that has one.</source>
        <translation>请选择支持图片的模型，或连接提供此类模型的服务商。</translation>
    </message>
    <message>
        <source>The request is too large for the server</source>
        <translation>请求超出服务器的大小限制</translation>
    </message>
    <message>
        <source>The server limits the size of what may be sent at once.</source>
        <translation>服务器限制了单次发送的数据量。</translation>
    </message>
    <message>
        <source>Send fewer or smaller files.</source>
        <translation>请减少文件数量或使用更小的文件。</translation>
    </message>
    <message>
        <source>The provider refused this content</source>
        <translation>服务商拒绝了此内容</translation>
    </message>
    <message>
        <source>A safety system of the provider stopped the request.</source>
        <translation>服务商的安全系统阻止了请求。</translation>
    </message>
    <message>
        <source>Rephrase the request.</source>
        <translation>请换一种说法。</translation>
    </message>
    <message>
        <source>The server has a problem</source>
        <translation>服务器出现问题</translation>
    </message>
    <message>
        <source>{host} answered with an error of its own (status {status}).</source>
        <translation>{host} 返回了服务器错误（状态码 {status}）。</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>请稍后重试。</translation>
    </message>
    <message>
        <source>The server is still loading the model</source>
        <translation>服务器仍在加载模型</translation>
    </message>
    <message>
        <source>{host} is running, but its model is not ready yet.</source>
        <translation>{host} 正在运行，但模型尚未就绪。</translation>
    </message>
    <message>
        <source>The answer could not be understood</source>
        <translation>无法理解服务器的响应</translation>
    </message>
    <message>
        <source>What {host} sent is not a valid answer.</source>
        <translation>{host} 发送的内容不是有效的响应。</translation>
    </message>
    <message>
        <source>Try again; if it stays, the server or a proxy before it is at fault.</source>
        <translation>请重试；如果问题依旧，则是服务器或其前端代理的问题。</translation>
    </message>
    <message>
        <source>The answer broke off</source>
        <translation>回答中断</translation>
    </message>
    <message>
        <source>The connection ended in the middle; what arrived is kept.</source>
        <translation>连接中途断开；已收到的内容已保留。</translation>
    </message>
    <message>
        <source>Try again; where there is a Continue, it goes on from there.</source>
        <translation>请重试；有“继续”时可从该处接着进行。</translation>
    </message>
    <message>
        <source>The built-in engine stopped</source>
        <translation>内置引擎已停止</translation>
    </message>
    <message>
        <source>The engine ended unexpectedly; it is started again on the next request.</source>
        <translation>引擎意外退出；下次请求时会重新启动。</translation>
    </message>
    <message>
        <source>Try again. If it happens again, choose a smaller model or another provider.</source>
        <translation>请重试。如果再次发生，请选择更小的模型或其他服务商。</translation>
    </message>
    <message>
        <source>The built-in engine cannot run on this computer</source>
        <translation>内置引擎无法在此电脑上运行</translation>
    </message>
    <message>
        <source>It needs a 64-bit Intel or AMD processor with AVX2, or a Mac.</source>
        <translation>它需要支持 AVX2 的 64 位 Intel 或 AMD 处理器，或者 Mac。</translation>
    </message>
    <message>
        <source>Connect a provider; everything else works.</source>
        <translation>请连接服务商；其他功能均可正常使用。</translation>
    </message>
    <message>
        <source>The built-in engine is switched off in safe mode</source>
        <translation>安全模式下内置引擎已关闭</translation>
    </message>
    <message>
        <source>Restart Triptych normally, or choose a model of a provider.</source>
        <translation>请正常重启 Triptych，或选择服务商的模型。</translation>
    </message>
    <message>
        <source>The model is not on this computer yet</source>
        <translation>此电脑上还没有该模型</translation>
    </message>
    <message>
        <source>“{model}” has to be downloaded before the built-in engine can use it.</source>
        <translation>需要先下载“{model}”，内置引擎才能使用它。</translation>
    </message>
    <message>
        <source>Download it on the Models page, or connect a provider.</source>
        <translation>请在“模型”页下载，或连接服务商。</translation>
    </message>
    <message>
        <source>The data could not be saved or read</source>
        <translation>无法保存或读取数据</translation>
    </message>
    <message>
        <source>Reading or writing {path} failed.</source>
        <translation>读写 {path} 失败。</translation>
    </message>
    <message>
        <source>Check that the folder exists and may be written to.</source>
        <translation>请确认文件夹存在且可写入。</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>磁盘已满</translation>
    </message>
    <message>
        <source>{path} could not be written; what was there before is unharmed.</source>
        <translation>无法写入 {path}；原有内容未受影响。</translation>
    </message>
    <message>
        <source>Free some space and try again.</source>
        <translation>请释放一些空间后重试。</translation>
    </message>
    <message>
        <source>The data was written by a newer Triptych</source>
        <translation>数据由更新版本的 Triptych 写入</translation>
    </message>
    <message>
        <source>{path} has a format that this version does not know; it was left alone.</source>
        <translation>当前版本不支持 {path} 的格式；该文件未作改动。</translation>
    </message>
    <message>
        <source>Install the newest Triptych.</source>
        <translation>请安装最新版本的 Triptych。</translation>
    </message>
    <message>
        <source>A data file is damaged</source>
        <translation>数据文件已损坏</translation>
    </message>
    <message>
        <source>{path} cannot be read; it was set aside as {copy}.</source>
        <translation>无法读取 {path}；已将其另存为 {copy}。</translation>
    </message>
    <message>
        <source>Triptych goes on with a fresh file; the old one is kept.</source>
        <translation>Triptych 将使用新文件继续运行；旧文件已保留。</translation>
    </message>
    <message>
        <source>Nothing of this session will be kept</source>
        <translation>本次使用的内容不会被保存</translation>
    </message>
    <message>
        <source>Triptych works in memory, as {path} cannot be used now; it is unharmed.</source>
        <translation>现在无法使用 {path}，Triptych 暂时只在内存中工作；该文件完好无损。</translation>
    </message>
    <message>
        <source>Follow the other notice and start Triptych again. Export what is to be kept.</source>
        <translation>请按另一条通知处理后重新启动 Triptych；想保留的内容请先导出。</translation>
    </message>
    <message>
        <source>Interrupted: Triptych had ended</source>
        <translation>已中断：Triptych 当时已退出</translation>
    </message>
    <message>
        <source>Try again to begin anew.</source>
        <translation>请重试以重新开始。</translation>
    </message>
    <message>
        <source>The system&apos;s key store does not answer</source>
        <translation>系统密钥库没有响应</translation>
    </message>
    <message>
        <source>The key could not be read from it or saved in it.</source>
        <translation>无法从中读取密钥或将密钥保存到其中。</translation>
    </message>
    <message>
        <source>Unlock the key store and try again. A key entered now works for this session.</source>
        <translation>请解锁密钥库后重试。现在输入的密钥在本次运行期间有效。</translation>
    </message>
    <message>
        <source>The sound device failed</source>
        <translation>音频设备出错</translation>
    </message>
    <message>
        <source>The device stopped or was unplugged; what was recorded is kept.</source>
        <translation>设备已停止或被拔出；已录制的内容已保留。</translation>
    </message>
    <message>
        <source>Check the device and choose it again.</source>
        <translation>请检查设备并重新选择。</translation>
    </message>
    <message>
        <source>No microphone was found</source>
        <translation>未找到麦克风</translation>
    </message>
    <message>
        <source>The system lists no sound input.</source>
        <translation>系统中没有音频输入设备。</translation>
    </message>
    <message>
        <source>Plug one in and try again; you can still drop files here.</source>
        <translation>请接入麦克风后重试；您仍可将文件拖放到此处。</translation>
    </message>
    <message>
        <source>The microphone cannot be opened</source>
        <translation>无法打开麦克风</translation>
    </message>
    <message>
        <source>The system refused it: another program may use it, or access is off.</source>
        <translation>系统拒绝访问：麦克风可能正被其他程序使用，或访问权限已关闭。</translation>
    </message>
    <message>
        <source>Allow access in the system&apos;s privacy settings, or choose another device.</source>
        <translation>请在系统隐私设置中允许访问，或选择其他设备。</translation>
    </message>
    <message>
        <source>The file cannot be used</source>
        <translation>无法使用此文件</translation>
    </message>
    <message>
        <source>“{name}” could not be read as {expected}.</source>
        <translation>无法将“{name}”作为{expected}读取。</translation>
    </message>
    <message>
        <source>Check that the file opens in another program.</source>
        <translation>请确认该文件能在其他程序中打开。</translation>
    </message>
    <message>
        <source>The picture is too large</source>
        <translation>图片过大</translation>
    </message>
    <message>
        <source>“{name}” measures {width} × {height} pixels, more than can be opened.</source>
        <translation>“{name}”的尺寸为 {width} × {height} 像素，超出了可打开的范围。</translation>
    </message>
    <message>
        <source>Scale it down in another program first.</source>
        <translation>请先用其他程序将其缩小。</translation>
    </message>
    <message>
        <source>The file cannot be used as sound</source>
        <translation>无法将此文件用作音频</translation>
    </message>
    <message>
        <source>“{name}” is missing, damaged, or neither sound nor video.</source>
        <translation>“{name}”不存在、已损坏，或者不是音频或视频文件。</translation>
    </message>
    <message>
        <source>Check that the file is still there and plays in another program.</source>
        <translation>请确认该文件仍然存在，并能在其他程序中播放。</translation>
    </message>
    <message>
        <source>There is no sound in this file</source>
        <translation>此文件中没有声音</translation>
    </message>
    <message>
        <source>“{name}” holds no sound track, or one without any sound in it.</source>
        <translation>“{name}”没有音轨，或音轨中没有声音。</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>请选择其他文件。</translation>
    </message>
    <message>
        <source>The sound cannot be played</source>
        <translation>无法播放声音</translation>
    </message>
    <message>
        <source>No loudspeaker or headphones could be opened.</source>
        <translation>无法打开扬声器或耳机。</translation>
    </message>
    <message>
        <source>Check the sound output in the system&apos;s settings and try again.</source>
        <translation>请检查系统设置中的声音输出，然后重试。</translation>
    </message>
    <message>
        <source>Sound does not work on this computer yet</source>
        <translation>此电脑尚不能使用声音功能</translation>
    </message>
    <message>
        <source>The sound library PortAudio could not be loaded.</source>
        <translation>无法加载音频库 PortAudio。</translation>
    </message>
    <message>
        <source>Install it (on Debian and Ubuntu: libportaudio2) and start Triptych again.</source>
        <translation>请安装它（Debian 和 Ubuntu 上为 libportaudio2），然后重新启动 Triptych。</translation>
    </message>
    <message>
        <source>a picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>a picture or a text file</source>
        <translation>图片或文本文件</translation>
    </message>
    <message>
        <source>No backup could be made</source>
        <translation>无法备份</translation>
    </message>
    <message>
        <source>{path} could not be copied without errors; older backups are kept.</source>
        <translation>无法完好地复制 {path}；较早的备份都还在。</translation>
    </message>
    <message>
        <source>Start Triptych again: it then checks its data.</source>
        <translation>请重新启动 Triptych：启动时会检查数据。</translation>
    </message>
    <message>
        <source>This backup cannot be used</source>
        <translation>这个备份无法使用</translation>
    </message>
    <message>
        <source>{name} is damaged or was not made by Triptych. Your present data is as it was.</source>
        <translation>{name} 已损坏，或者不是 Triptych 生成的。您现在的数据没有变化。</translation>
    </message>
    <message>
        <source>Choose another backup.</source>
        <translation>请选择其他备份。</translation>
    </message>
    <message>
        <source>The history was damaged and has been repaired</source>
        <translation>历史记录曾损坏，现已修复</translation>
    </message>
    <message>
        <source>Everything could be read. Conversations that are there: {saved}. The damaged file is kept as {copy}.</source>
        <translation>全部内容都能读出。现有对话：{saved} 个。损坏的文件保留为 {copy}。</translation>
    </message>
    <message>
        <source>A disk that damages files may do so again: check it, and keep a copy elsewhere.</source>
        <translation>损坏过文件的磁盘可能再次出错：请检查磁盘，并在别处保留一份副本。</translation>
    </message>
    <message>
        <source>The history was damaged; most likely something is missing</source>
        <translation>历史记录已损坏，很可能缺少部分内容</translation>
    </message>
    <message>
        <source>Conversations saved: {saved}. Not readable any more: at most {conversations} conversations, and {messages} messages. The damaged file is kept as {copy}.</source>
        <translation>已保住对话：{saved} 个。无法再读出：最多 {conversations} 个对话和 {messages} 条消息。损坏的文件保留为 {copy}。</translation>
    </message>
    <message>
        <source>A backup may have what is missing; it can be restored whole or in parts.</source>
        <translation>缺少的内容可能在备份中；备份可以整体恢复，也可以部分恢复。</translation>
    </message>
    <message>
        <source>The history is gone</source>
        <translation>历史记录不见了</translation>
    </message>
    <message>
        <source>{path} is missing or empty; Triptych goes on with a fresh one.</source>
        <translation>{path} 缺失或为空；Triptych 将使用新文件继续运行。</translation>
    </message>
    <message>
        <source>A backup has what was in it when that was made.</source>
        <translation>备份中有备份当时的内容。</translation>
    </message>
    <message>
        <source>The data folder is gone</source>
        <translation>数据文件夹不见了</translation>
    </message>
    <message>
        <source>{path} was removed, or its disk was taken out. Nothing that you do now is saved.</source>
        <translation>{path} 已被删除，或其所在磁盘已移除。您现在所做的一切都不会保存。</translation>
    </message>
    <message>
        <source>Export everything before you quit, bring the folder back if you can, and start Triptych again.</source>
        <translation>请在退出前导出全部内容；如有可能，请恢复该文件夹，然后重新启动 Triptych。</translation>
    </message>
    <message>
        <source>The recording has ended: the disk takes no more</source>
        <translation>录音已结束：磁盘无法再写入</translation>
    </message>
    <message>
        <source>What was recorded until then, {duration}, is kept in {path}.</source>
        <translation>此前录下的内容（{duration}）已保存在 {path}。</translation>
    </message>
    <message>
        <source>Free some space before you record again.</source>
        <translation>请先释放一些空间，再重新录音。</translation>
    </message>
    <message>
        <source>Nothing new can be saved</source>
        <translation>无法保存新的内容</translation>
    </message>
    <message>
        <source>Nothing can be written to {path}. What is there is on show; what you do now is kept in memory until you quit.</source>
        <translation>无法写入 {path}。其中已有的内容可以查看；您现在所做的只保留在内存中，直到退出。</translation>
    </message>
    <message>
        <source>Make the folder writable, or room on its disk, and start Triptych again; or export everything before you quit.</source>
        <translation>请让该文件夹可写，或在其磁盘上腾出空间，然后重新启动 Triptych；也可以在退出前导出全部内容。</translation>
    </message>
    <message>
        <source>The file cannot be imported</source>
        <translation>无法导入这个文件</translation>
    </message>
    <message>
        <source>“{name}”: {reason} Nothing was changed.</source>
        <translation>“{name}”：{reason}没有任何改动。</translation>
    </message>
    <message>
        <source>Choose a file that Triptych or ChatGPT has exported, as it was exported.</source>
        <translation>请选择由 Triptych 或 ChatGPT 导出且未经改动的文件。</translation>
    </message>
    <message>
        <source>This is no export that Triptych knows.</source>
        <translation>这不是 Triptych 认识的导出文件。</translation>
    </message>
    <message>
        <source>The file is damaged or not complete.</source>
        <translation>文件已损坏或不完整。</translation>
    </message>
    <message>
        <source>Something in it is not as it should be.</source>
        <translation>其中有内容不符合格式。</translation>
    </message>
    <message>
        <source>It was exported by a newer Triptych.</source>
        <translation>它由更新版本的 Triptych 导出。</translation>
    </message>
    <message>
        <source>It holds more than an export can hold.</source>
        <translation>其中的内容超出了导出文件可能的大小。</translation>
    </message>
    <message>
        <source>It tries to write files outside of its place.</source>
        <translation>它试图把文件写到其他位置。</translation>
    </message>
    <message>
        <source>This is not a file</source>
        <translation>这不是文件</translation>
    </message>
    <message>
        <source>“{name}” is a folder, a device or a broken link, or it is gone.</source>
        <translation>“{name}”是文件夹、设备或失效的链接，或者已不存在。</translation>
    </message>
    <message>
        <source>Choose a file.</source>
        <translation>请选择一个文件。</translation>
    </message>
    <message>
        <source>The picture is damaged</source>
        <translation>图片已损坏</translation>
    </message>
    <message>
        <source>“{name}” begins like a picture, but the rest is missing or wrong.</source>
        <translation>“{name}”的开头是图片，但其余部分缺失或有误。</translation>
    </message>
    <message>
        <source>Save or download it once more, then try again.</source>
        <translation>请重新保存或下载，然后再试。</translation>
    </message>
    <message>
        <source>The text is too long</source>
        <translation>文本太长</translation>
    </message>
    <message>
        <source>“{name}” holds {size} of text; a message takes at most {most} at once.</source>
        <translation>“{name}”含有 {size} 的文本；一条消息一次最多可附带 {most}。</translation>
    </message>
    <message>
        <source>Keep the part that matters in a file of its own and use that.</source>
        <translation>请把需要的部分另存为一个文件再使用。</translation>
    </message>
    <message>
        <source>The sound is too long</source>
        <translation>声音太长</translation>
    </message>
    <message>
        <source>“{name}” would last longer than {hours} hours, or its header is wrong.</source>
        <translation>“{name}”的时长会超过 {hours} 小时，或者文件头有误。</translation>
    </message>
    <message>
        <source>Cut it into shorter files with another program.</source>
        <translation>请用其他程序把它切成较短的文件。</translation>
    </message>
    <message>
        <source>Some files cannot be used</source>
        <translation>部分文件无法使用</translation>
    </message>
    <message>
        <source>{count} files were left out: {names}.</source>
        <translation>有 {count} 个文件未加入：{names}。</translation>
    </message>
    <message>
        <source>Check that they are still there and open in another program.</source>
        <translation>请检查这些文件是否仍在，并能用其他程序打开。</translation>
    </message>
    <message>
        <source>There are too many files in this folder</source>
        <translation>此文件夹中的文件太多</translation>
    </message>
    <message>
        <source>“{name}” holds more than {most} files, so none of them was attached.</source>
        <translation>“{name}”含有超过 {most} 个文件，因此一个也没有附加。</translation>
    </message>
    <message>
        <source>Drop only the files that the message needs.</source>
        <translation>请只拖入消息需要的文件。</translation>
    </message>
    <message>
        <source>There is nothing in this folder to attach</source>
        <translation>此文件夹中没有可附加的内容</translation>
    </message>
    <message>
        <source>“{name}” holds no files; folders inside it are not looked into.</source>
        <translation>“{name}”中没有文件；不会查看其中的子文件夹。</translation>
    </message>
    <message>
        <source>This link is not opened</source>
        <translation>未打开此链接</translation>
    </message>
    <message>
        <source>“{address}” is the address of neither a web page nor a mailbox.</source>
        <translation>“{address}”既不是网页地址，也不是邮箱地址。</translation>
    </message>
    <message>
        <source>A link in an answer could open or run something on this computer.</source>
        <translation>回答中的链接可能会打开或运行这台电脑上的内容。</translation>
    </message>
    <message>
        <source>The pasted text is too long</source>
        <translation>粘贴的文本太长</translation>
    </message>
    <message>
        <source>It has {length} characters; a message takes at most {most}.</source>
        <translation>共 {length} 个字符；一条消息最多 {most} 个。</translation>
    </message>
    <message>
        <source>It is still on the clipboard. Paste only the part that matters.</source>
        <translation>它仍在剪贴板中。请只粘贴需要的部分。</translation>
    </message>
    <message>
        <source>Nothing on this computer opens it</source>
        <translation>这台电脑上没有程序能打开它</translation>
    </message>
    <message>
        <source>The desktop found no program for “{name}”.</source>
        <translation>桌面没有找到能打开“{name}”的程序。</translation>
    </message>
    <message>
        <source>Choose a program for such files in the settings of the desktop.</source>
        <translation>请在桌面的设置中为此类文件选择一个程序。</translation>
    </message>
    <message>
        <source>The built-in engine did not answer any more</source>
        <translation>内置引擎不再响应</translation>
    </message>
    <message>
        <source>It did nothing for {seconds} seconds and was ended; it is started again on the next request.</source>
        <translation>它有 {seconds} 秒毫无动静，已被结束；下次请求时会重新启动。</translation>
    </message>
    <message>
        <source>The model&apos;s file cannot be used</source>
        <translation>无法使用该模型的文件</translation>
    </message>
    <message>
        <source>The file of “{model}” is gone, damaged, incomplete, or of a kind that the engine cannot run.</source>
        <translation>“{model}”的文件不存在、已损坏、不完整，或者是引擎无法运行的类型。</translation>
    </message>
    <message>
        <source>Remove it on the Models page and download it again, or choose another model at the top right.</source>
        <translation>请在“模型”页中将其删除后重新下载，或在右上角选择其他模型。</translation>
    </message>
    <message>
        <source>There is not enough memory for this model</source>
        <translation>内存不足，无法运行该模型</translation>
    </message>
    <message>
        <source>“{model}” does not fit into the memory that is free at the moment.</source>
        <translation>目前的可用内存装不下“{model}”。</translation>
    </message>
    <message>
        <source>Close other programs and try again, or choose a smaller model.</source>
        <translation>请关闭其他程序后重试，或选择更小的模型。</translation>
    </message>
    <message>
        <source>The model could not be downloaded</source>
        <translation>无法下载模型</translation>
    </message>
    <message>
        <source>If it stays, look for the newest version on the website.</source>
        <translation>如果一直如此，请到网站查看最新版本。</translation>
    </message>
    <message>
        <source>There was no update</source>
        <translation>没有更新</translation>
    </message>
    <message>
        <source>It could not be asked for updates</source>
        <translation>无法查询更新</translation>
    </message>
    <message>
        <source>{host} did not answer as it should.</source>
        <translation>{host} 没有正常回应。</translation>
    </message>
    <message>
        <source>Check the network and try again later; Triptych works as before.</source>
        <translation>请检查网络，稍后再试；Triptych 照常工作。</translation>
    </message>
    <message>
        <source>The answer about updates makes no sense</source>
        <translation>关于更新的回应无法理解</translation>
    </message>
    <message>
        <source>What {host} sent is no list of releases. Nothing was changed.</source>
        <translation>{host} 发来的不是版本列表。什么都没有改变。</translation>
    </message>
    <message>
        <source>A network that wants a log-in first may be the reason. Try again later.</source>
        <translation>可能是因为网络要求先登录。请稍后再试。</translation>
    </message>
    <message>
        <source>Updates are sent from somewhere else</source>
        <translation>更新来自别处</translation>
    </message>
    <message>
        <source>{host} sends on to {location}; nothing was asked for or taken there.</source>
        <translation>{host} 转到了 {location}；没有向那里请求或取用任何内容。</translation>
    </message>
    <message>
        <source>The update was refused: its signature is wrong</source>
        <translation>已拒绝更新：签名不对</translation>
    </message>
    <message>
        <source>What {host} offers was not signed by those who make Triptych, or was changed on the way.</source>
        <translation>{host} 提供的内容不是由 Triptych 的作者签名的，或者在途中被改动过。</translation>
    </message>
    <message>
        <source>The list of releases is out of date</source>
        <translation>版本列表已过期</translation>
    </message>
    <message>
        <source>It was good until {date}. Somebody may be hiding newer versions, or this computer&apos;s clock is wrong.</source>
        <translation>它的有效期到 {date} 为止。可能有人在隐瞒新版本，或者这台电脑的时钟不准。</translation>
    </message>
    <message>
        <source>Check date and time, then look for the newest version on the website.</source>
        <translation>请检查日期和时间，然后到网站查看最新版本。</translation>
    </message>
    <message>
        <source>The update was refused: an old list of releases</source>
        <translation>已拒绝更新：这是旧的版本列表</translation>
    </message>
    <message>
        <source>{host} shows an older list than before, as somebody would who wants an old version installed.</source>
        <translation>{host} 给出的列表比以前的还旧，想让人安装旧版本的人就会这样做。</translation>
    </message>
    <message>
        <source>The download of the update broke off</source>
        <translation>更新的下载中断了</translation>
    </message>
    <message>
        <source>{host} {reason}, and {other_host} {other_reason}.</source>
        <translation>{host} {reason}，而 {other_host} {other_reason}。</translation>
    </message>
    <message>
        <source>Check the network and try again. A provider works without a model.</source>
        <translation>请检查网络后重试。连接服务商则无需模型。</translation>
    </message>
    <message>
        <source>There is no connection to {host}.</source>
        <translation>无法连接到 {host}。</translation>
    </message>
    <message>
        <source>Check the network, and the proxy if there is one, and try again. A provider works without a model.</source>
        <translation>请检查网络（如有代理，也请检查代理）后重试。连接服务商则无需模型。</translation>
    </message>
    <message>
        <source>cannot be reached</source>
        <translation>无法连接</translation>
    </message>
    <message>
        <source>The certificate of {host} is not trusted on this computer, so nothing was asked for or taken there.</source>
        <translation>此电脑不信任 {host} 的证书，因此未向其请求或接收任何内容。</translation>
    </message>
    <message>
        <source>Check date and time. A network that wants a log-in first, or reads along, may be the reason as well.</source>
        <translation>请检查日期和时间。也可能是因为网络要求先登录，或会监视连接内容。</translation>
    </message>
    <message>
        <source>has a certificate that is not trusted</source>
        <translation>的证书不受信任</translation>
    </message>
    <message>
        <source>The proxy that this computer uses does not let anything through to {host}, or its address is wrong.</source>
        <translation>此电脑所用的代理不允许连接到 {host}，或代理地址有误。</translation>
    </message>
    <message>
        <source>Check the proxy in the system&apos;s settings, or in the environment variables HTTPS_PROXY and ALL_PROXY.</source>
        <translation>请在系统设置，或环境变量 HTTPS_PROXY 和 ALL_PROXY 中检查代理。</translation>
    </message>
    <message>
        <source>is behind a proxy that lets nothing through</source>
        <translation>被代理阻止</translation>
    </message>
    <message>
        <source>{host} answers with an error instead of the model.</source>
        <translation>{host} 返回了错误，而不是模型。</translation>
    </message>
    <message>
        <source>Try again later. A provider works without a model.</source>
        <translation>请稍后再试。连接服务商则无需模型。</translation>
    </message>
    <message>
        <source>answers with an error</source>
        <translation>返回了错误</translation>
    </message>
    <message>
        <source>{host} does not have it.</source>
        <translation>{host} 没有该模型。</translation>
    </message>
    <message>
        <source>It may have moved, so look for a newer version of Triptych. A provider works without a model.</source>
        <translation>模型可能已移至别处，请查看 Triptych 是否有新版本。连接服务商则无需模型。</translation>
    </message>
    <message>
        <source>does not have it</source>
        <translation>没有该模型</translation>
    </message>
    <message>
        <source>What {host} sent is something else; it was not kept.</source>
        <translation>{host} 发来的并不是该模型，内容未予保留。</translation>
    </message>
    <message>
        <source>sent something else</source>
        <translation>发来的并不是该模型</translation>
    </message>
    <message>
        <source>The download of the model broke off</source>
        <translation>模型下载中断</translation>
    </message>
    <message>
        <source>The connection to {host} ended; what arrived is kept.</source>
        <translation>与 {host} 的连接断开了；已收到的部分保留着。</translation>
    </message>
    <message>
        <source>Try again; it goes on from there.</source>
        <translation>请再试一次；会从断开处继续。</translation>
    </message>
    <message>
        <source>“{host}” is set as the index of Python packages, but is no web address.</source>
        <translation>设为 Python 软件包索引的“{host}”不是网址。</translation>
    </message>
    <message>
        <source>Correct the environment variable UV_DEFAULT_INDEX, UV_INDEX_URL or PIP_INDEX_URL and start Triptych again.</source>
        <translation>请更正环境变量 UV_DEFAULT_INDEX、UV_INDEX_URL 或 PIP_INDEX_URL，然后重新启动 Triptych。</translation>
    </message>
    <message>
        <source>The download needs {size} of free space in {path}, and there is less.</source>
        <translation>下载需要 {path} 中有 {size} 可用空间，但现有空间不足。</translation>
    </message>
    <message>
        <source>The model could not be prepared for the engine</source>
        <translation>无法为引擎准备模型</translation>
    </message>
    <message>
        <source>It was downloaded, but could not be brought into the engine&apos;s form.</source>
        <translation>模型已下载，但无法转换为引擎所用的格式。</translation>
    </message>
    <message>
        <source>Try again. If it stays, choose another model or connect a provider.</source>
        <translation>请重试。如仍失败，请选择其他模型或连接服务商。</translation>
    </message>
    <message>
        <source>The update was refused: it is not what was released</source>
        <translation>已拒绝更新：与发布的内容不符</translation>
    </message>
    <message>
        <source>“{name}” from {host} has other contents than its makers signed.</source>
        <translation>来自 {host} 的“{name}”与作者签名的内容不同。</translation>
    </message>
    <message>
        <source>It was deleted. Try again later, or get the newest version on the website.</source>
        <translation>它已被删除。请稍后再试，或到网站获取最新版本。</translation>
    </message>
    <message>
        <source>Triptych may not be replaced where it is</source>
        <translation>Triptych 所在的位置不允许替换它</translation>
    </message>
    <message>
        <source>{path} may not be written to. This version stays and works as before.</source>
        <translation>无法写入 {path}。这个版本保持不变，照常工作。</translation>
    </message>
    <message>
        <source>Move the program to a folder of your own and start it there.</source>
        <translation>请把程序移到您自己的文件夹，再从那里启动。</translation>
    </message>
    <message>
        <source>The update was not installed</source>
        <translation>更新没有安装</translation>
    </message>
    <message>
        <source>This is version {present} still; nothing was lost.</source>
        <translation>仍然是版本 {present}；没有丢失任何内容。</translation>
    </message>
    <message>
        <source>The former version is not there any more</source>
        <translation>之前的版本已经不在了</translation>
    </message>
    <message>
        <source>{name} is missing or was changed. Program and data are as they were.</source>
        <translation>{name} 不见了或被改动过。程序和数据保持原样。</translation>
    </message>
    <message>
        <source>This is not a server&apos;s address</source>
        <translation>这不是服务器的地址</translation>
    </message>
    <message>
        <source>No server can be at {host}, so nothing was sent.</source>
        <translation>{host} 不可能是服务器，因此没有发送任何内容。</translation>
    </message>
    <message>
        <source>Correct the base address in the provider&apos;s settings; it should look like https://api.example.com/v1.</source>
        <translation>请在服务商设置中更正基础地址；它应类似于 https://api.example.com/v1。</translation>
    </message>
    <message>
        <source>The address is still the template&apos;s</source>
        <translation>地址仍是模板中的地址</translation>
    </message>
    <message>
        <source>Nothing was sent: a stranger may be at {host}.</source>
        <translation>没有发送任何内容：{host} 可能属于陌生人。</translation>
    </message>
    <message>
        <source>In the provider&apos;s settings, put the name of your own resource in place of “{name}”.</source>
        <translation>请在服务商设置中将“{name}”换成您自己的资源名称。</translation>
    </message>
    <message>
        <source>A web page stands before the server</source>
        <translation>服务器前有一个网页</translation>
    </message>
    <message>
        <source>{host} sends requests on to {location}, which looks like a page for people; nothing was sent there.</source>
        <translation>{host} 将请求转到 {location}，那里似乎是供人浏览的网页；未向那里发送任何内容。</translation>
    </message>
    <message>
        <source>The network may want you to sign in first, in a browser. Otherwise check the base address in the provider&apos;s settings.</source>
        <translation>网络可能要求先在浏览器中登录；否则请在服务商设置中检查基础地址。</translation>
    </message>
    <message>
        <source>The server sends requests round in circles</source>
        <translation>服务器在循环转发请求</translation>
    </message>
    <message>
        <source>{host} sends them on to {location}, which belongs to the base address that is set already.</source>
        <translation>{host} 将请求转到 {location}，而它正属于已设置的基础地址。</translation>
    </message>
    <message>
        <source>The server, or a proxy before it, is set up wrongly; another base address does not help.</source>
        <translation>服务器或其前面的代理设置有误；更换基础地址没有帮助。</translation>
    </message>
    <message>
        <source>A key is needed</source>
        <translation>需要密钥</translation>
    </message>
    <message>
        <source>{host} wants a key, and none is set for it.</source>
        <translation>{host} 需要密钥，而这里没有为它设置密钥。</translation>
    </message>
    <message>
        <source>Enter one in the provider&apos;s settings.</source>
        <translation>请在该服务商的设置中输入密钥。</translation>
    </message>
    <message>
        <source>{host} refused it with status {status} and gave no reason.</source>
        <translation>{host} 拒绝了请求（状态码 {status}），没有说明原因。</translation>
    </message>
    <message>
        <source>Try again, without attachments or special settings if there are any, or with another model.</source>
        <translation>请重试；如有附件或特殊设置，可去掉后再试，或换用其他模型。</translation>
    </message>
    <message>
        <source>A header cannot be sent</source>
        <translation>有一个请求头无法发送</translation>
    </message>
    <message>
        <source>The header “{header}” holds characters that no header can have, so nothing was sent.</source>
        <translation>请求头“{header}”含有不允许的字符，因此未发送任何内容。</translation>
    </message>
    <message>
        <source>Correct it in the provider&apos;s settings.</source>
        <translation>请在服务商设置中更正。</translation>
    </message>
    <message>
        <source>The request cannot be sent</source>
        <translation>请求无法发送</translation>
    </message>
    <message>
        <source>One of the additional fields holds an infinite number or none at all, so nothing was sent.</source>
        <translation>某个附加字段的数值为无穷大或不是数字，因此未发送任何内容。</translation>
    </message>
    <message>
        <source>Correct the additional fields of the conversation or of the provider.</source>
        <translation>请更正对话或服务商的附加字段。</translation>
    </message>
    <message>
        <source>The JSON schema cannot be used</source>
        <translation>JSON Schema 无法使用</translation>
    </message>
    <message>
        <source>It is no JSON: line {line}, column {column} cannot be read. Nothing was sent.</source>
        <translation>它不是有效的 JSON：第 {line} 行第 {column} 列无法读取。未发送任何内容。</translation>
    </message>
    <message>
        <source>Correct it in the settings of the conversation and send again.</source>
        <translation>请在对话设置中更正后重新发送。</translation>
    </message>
    <message>
        <source>{host} accepted the request and then reported an error of its own.</source>
        <translation>{host} 接受了请求，随后报告自身出错。</translation>
    </message>
    <message>
        <source>For {seconds} seconds {host} sent signs of life, but no answer.</source>
        <translation>{host} 在 {seconds} 秒内只发来了保持连接的信号，没有回答。</translation>
    </message>
    <message>
        <source>The answer is too large</source>
        <translation>回答过大</translation>
    </message>
    <message>
        <source>{host} sends more than any real answer holds ({most}); the rest was not read.</source>
        <translation>{host} 发送的内容超过了任何真实回答的大小（{most}）；其余部分未读取。</translation>
    </message>
    <message>
        <source>The answer arrived damaged</source>
        <translation>收到的回答已损坏</translation>
    </message>
    <message>
        <source>What {host} sent cannot be unpacked. A proxy may have damaged it on its way.</source>
        <translation>{host} 发送的内容无法解压，可能在途中被代理损坏。</translation>
    </message>
    <message>
        <source>No picture came</source>
        <translation>没有收到图片</translation>
    </message>
    <message>
        <source>What {host} sent as a picture is none that can be read.</source>
        <translation>{host} 作为图片发送的内容无法读取。</translation>
    </message>
    <message>
        <source>The connection to {host} ended before anything of the answer had come.</source>
        <translation>在收到任何回答内容之前，与 {host} 的连接就已断开。</translation>
    </message>
    <message numerus="yes">
        <source>Try again in about %n minute(s), as the server asks.</source>
        <translation>
            <numerusform>请按服务器的要求，约 %n 分钟后重试。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Try again in about %n hour(s), as the server asks.</source>
        <translation>
            <numerusform>请按服务器的要求，约 %n 小时后重试。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Try again in about %n day(s), as the server asks.</source>
        <translation>
            <numerusform>请按服务器的要求，约 %n 天后重试。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Gallery</name>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>已选择 %n 项</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Search prompts, models, dates</source>
        <translation>搜索提示词、模型、日期</translation>
    </message>
    <message>
        <source>Search pictures</source>
        <translation>搜索图片</translation>
    </message>
    <message>
        <source>No matching pictures</source>
        <translation>没有符合条件的图片</translation>
    </message>
    <message>
        <source>Try fewer or other words.</source>
        <translation>请减少或更换关键词。</translation>
    </message>
    <message>
        <source>Show all pictures</source>
        <translation>显示所有图片</translation>
    </message>
</context>
<context>
    <name>GalleryView</name>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>General</source>
        <translation>常规</translation>
    </message>
    <message>
        <source>The program&apos;s own folder</source>
        <translation>程序默认文件夹</translation>
    </message>
</context>
<context>
    <name>ImageChoices</name>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>低</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>中</translation>
    </message>
    <message>
        <source>High</source>
        <translation>高</translation>
    </message>
    <message>
        <source>Very high</source>
        <translation>很高</translation>
    </message>
    <message>
        <source>Highest</source>
        <translation>最高</translation>
    </message>
    <message>
        <source>Standard</source>
        <translation>标准</translation>
    </message>
    <message>
        <source>HD</source>
        <translation>高清</translation>
    </message>
    <message>
        <source>Opaque</source>
        <translation>不透明</translation>
    </message>
    <message>
        <source>Transparent</source>
        <translation>透明</translation>
    </message>
    <message>
        <source>Made from words</source>
        <translation>由文字生成</translation>
    </message>
    <message>
        <source>Made from pictures</source>
        <translation>由图片生成</translation>
    </message>
    <message>
        <source>Enlarged</source>
        <translation>放大</translation>
    </message>
</context>
<context>
    <name>ImageSizes</name>
    <message>
        <source>Each edge must have at least {limit} pixels.</source>
        <translation>每条边至少需要 {limit} 像素。</translation>
    </message>
    <message>
        <source>Each edge may have at most {limit} pixels.</source>
        <translation>每条边最多 {limit} 像素。</translation>
    </message>
    <message>
        <source>Width and height must be multiples of {limit}.</source>
        <translation>宽度和高度必须是 {limit} 的倍数。</translation>
    </message>
    <message>
        <source>The longer edge may be at most {limit} times the shorter one.</source>
        <translation>长边最多为短边的 {limit} 倍。</translation>
    </message>
    <message>
        <source>Width times height must be at least {limit} pixels.</source>
        <translation>宽乘以高至少需要 {limit} 像素。</translation>
    </message>
    <message>
        <source>Width times height may be at most {limit} pixels.</source>
        <translation>宽乘以高最多 {limit} 像素。</translation>
    </message>
</context>
<context>
    <name>ImagesTab</name>
    <message>
        <source>Generate or enlarge pictures</source>
        <translation>生成或放大图片</translation>
    </message>
    <message>
        <source>Choose pictures…</source>
        <translation>选择图片…</translation>
    </message>
    <message>
        <source>Cancel all pictures in progress</source>
        <translation>取消所有正在生成的图片</translation>
    </message>
    <message>
        <source>Search pictures</source>
        <translation>搜索图片</translation>
    </message>
    <message>
        <source>Scan the folder for pictures</source>
        <translation>在文件夹中查找图片</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) are still being made and would be lost.</source>
        <translation>
            <numerusform>还有 %n 张图片正在生成，退出后会丢失。</numerusform>
        </translation>
    </message>
    <message>
        <source>Your pictures appear here</source>
        <translation>您的图片将显示在这里</translation>
    </message>
    <message>
        <source>Describe one on the left and press Generate, or drop pictures here to start from them.</source>
        <translation>在左侧描述图片并点击“生成”，或将图片拖放到此处作为参考图。</translation>
    </message>
    <message>
        <source>Drop a small picture here and press Enlarge: it comes out four times as wide and high.</source>
        <translation>将小图片拖放到此处并点击“放大”：宽和高都会变为原来的四倍。</translation>
    </message>
    <message>
        <source>Download the model for enlarging pictures, or connect a provider.</source>
        <translation>请下载用于放大图片的模型，或连接服务商。</translation>
    </message>
</context>
<context>
    <name>Intake</name>
    <message>
        <source>Add the sound and video files of this folder</source>
        <translation>添加此文件夹中的音频和视频文件</translation>
    </message>
    <message numerus="yes">
        <source>Add %n file(s) to be transcribed</source>
        <translation>
            <numerusform>添加 %n 个文件进行转写</numerusform>
        </translation>
    </message>
    <message>
        <source>Sound and video ({patterns})</source>
        <translation>音频和视频 ({patterns})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Add sound or video files</source>
        <translation>添加音频或视频文件</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Pictures ({patterns})</source>
        <translation>图片 ({patterns})</translation>
    </message>
    <message>
        <source>Choose pictures</source>
        <translation>选择图片</translation>
    </message>
    <message>
        <source>Prompt and settings of the picture are in the form</source>
        <translation>图片的提示词和设置已填入表单</translation>
    </message>
</context>
<context>
    <name>JobStrip</name>
    <message>
        <source>In progress</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Not finished</source>
        <translation>未完成</translation>
    </message>
    <message>
        <source>Cancel all</source>
        <translation>全部取消</translation>
    </message>
</context>
<context>
    <name>JobTile</name>
    <message>
        <source>Waiting for its turn</source>
        <translation>正在排队</translation>
    </message>
    <message>
        <source>Getting the built-in engine ready</source>
        <translation>内置引擎正在准备</translation>
    </message>
    <message>
        <source>Trying again in {time}</source>
        <translation>{time} 后重试</translation>
    </message>
    <message>
        <source>{elapsed}, about {left} left</source>
        <translation>已用 {elapsed}，约剩 {left}</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Dismiss: {title}</source>
        <translation>关闭：{title}</translation>
    </message>
    <message>
        <source>What went wrong: {title}</source>
        <translation>出错原因：{title}</translation>
    </message>
    <message>
        <source>Progress: {title}</source>
        <translation>进度：{title}</translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>No key has a character like “{letter}” (number {position}), so it was not stored.</source>
        <translation>密钥中不会有“{letter}”这样的字符（第 {position} 个），因此没有保存。</translation>
    </message>
    <message>
        <source>Paste the key here</source>
        <translation>在此粘贴密钥</translation>
    </message>
    <message>
        <source>Not needed by most servers of this kind</source>
        <translation>此类服务器大多不需要</translation>
    </message>
    <message>
        <source>A key is stored</source>
        <translation>已保存密钥</translation>
    </message>
    <message>
        <source>Remove key</source>
        <translation>移除密钥</translation>
    </message>
    <message>
        <source>Show what is typed</source>
        <translation>显示输入内容</translation>
    </message>
    <message>
        <source>Kept in this system&apos;s key store, never in a file of Triptych.</source>
        <translation>保存在系统密钥库中，绝不会写入 Triptych 的文件。</translation>
    </message>
    <message>
        <source>This system offers no key store, so the key is kept for this session only and has to be entered again after the next start.</source>
        <translation>此系统没有密钥库，因此密钥仅在本次运行期间保留，下次启动后需要重新输入。</translation>
    </message>
</context>
<context>
    <name>Languages</name>
    <message>
        <source>Afrikaans</source>
        <translation>南非荷兰语</translation>
    </message>
    <message>
        <source>Arabic</source>
        <translation>阿拉伯语</translation>
    </message>
    <message>
        <source>Azerbaijani</source>
        <translation>阿塞拜疆语</translation>
    </message>
    <message>
        <source>Belarusian</source>
        <translation>白俄罗斯语</translation>
    </message>
    <message>
        <source>Bulgarian</source>
        <translation>保加利亚语</translation>
    </message>
    <message>
        <source>Bosnian</source>
        <translation>波斯尼亚语</translation>
    </message>
    <message>
        <source>Catalan</source>
        <translation>加泰罗尼亚语</translation>
    </message>
    <message>
        <source>Czech</source>
        <translation>捷克语</translation>
    </message>
    <message>
        <source>Welsh</source>
        <translation>威尔士语</translation>
    </message>
    <message>
        <source>Danish</source>
        <translation>丹麦语</translation>
    </message>
    <message>
        <source>German</source>
        <translation>德语</translation>
    </message>
    <message>
        <source>Greek</source>
        <translation>希腊语</translation>
    </message>
    <message>
        <source>English</source>
        <translation>英语</translation>
    </message>
    <message>
        <source>Spanish</source>
        <translation>西班牙语</translation>
    </message>
    <message>
        <source>Estonian</source>
        <translation>爱沙尼亚语</translation>
    </message>
    <message>
        <source>Persian</source>
        <translation>波斯语</translation>
    </message>
    <message>
        <source>Finnish</source>
        <translation>芬兰语</translation>
    </message>
    <message>
        <source>French</source>
        <translation>法语</translation>
    </message>
    <message>
        <source>Galician</source>
        <translation>加利西亚语</translation>
    </message>
    <message>
        <source>Hebrew</source>
        <translation>希伯来语</translation>
    </message>
    <message>
        <source>Hindi</source>
        <translation>印地语</translation>
    </message>
    <message>
        <source>Croatian</source>
        <translation>克罗地亚语</translation>
    </message>
    <message>
        <source>Hungarian</source>
        <translation>匈牙利语</translation>
    </message>
    <message>
        <source>Armenian</source>
        <translation>亚美尼亚语</translation>
    </message>
    <message>
        <source>Indonesian</source>
        <translation>印度尼西亚语</translation>
    </message>
    <message>
        <source>Italian</source>
        <translation>意大利语</translation>
    </message>
    <message>
        <source>Japanese</source>
        <translation>日语</translation>
    </message>
    <message>
        <source>Kazakh</source>
        <translation>哈萨克语</translation>
    </message>
    <message>
        <source>Kannada</source>
        <translation>卡纳达语</translation>
    </message>
    <message>
        <source>Korean</source>
        <translation>韩语</translation>
    </message>
    <message>
        <source>Lithuanian</source>
        <translation>立陶宛语</translation>
    </message>
    <message>
        <source>Latvian</source>
        <translation>拉脱维亚语</translation>
    </message>
    <message>
        <source>Maori</source>
        <translation>毛利语</translation>
    </message>
    <message>
        <source>Macedonian</source>
        <translation>马其顿语</translation>
    </message>
    <message>
        <source>Marathi</source>
        <translation>马拉地语</translation>
    </message>
    <message>
        <source>Malay</source>
        <translation>马来语</translation>
    </message>
    <message>
        <source>Nepali</source>
        <translation>尼泊尔语</translation>
    </message>
    <message>
        <source>Dutch</source>
        <translation>荷兰语</translation>
    </message>
    <message>
        <source>Norwegian</source>
        <translation>挪威语</translation>
    </message>
    <message>
        <source>Polish</source>
        <translation>波兰语</translation>
    </message>
    <message>
        <source>Portuguese</source>
        <translation>葡萄牙语</translation>
    </message>
    <message>
        <source>Romanian</source>
        <translation>罗马尼亚语</translation>
    </message>
    <message>
        <source>Russian</source>
        <translation>俄语</translation>
    </message>
    <message>
        <source>Slovak</source>
        <translation>斯洛伐克语</translation>
    </message>
    <message>
        <source>Slovenian</source>
        <translation>斯洛文尼亚语</translation>
    </message>
    <message>
        <source>Serbian</source>
        <translation>塞尔维亚语</translation>
    </message>
    <message>
        <source>Swedish</source>
        <translation>瑞典语</translation>
    </message>
    <message>
        <source>Swahili</source>
        <translation>斯瓦希里语</translation>
    </message>
    <message>
        <source>Tamil</source>
        <translation>泰米尔语</translation>
    </message>
    <message>
        <source>Thai</source>
        <translation>泰语</translation>
    </message>
    <message>
        <source>Tagalog</source>
        <translation>他加禄语</translation>
    </message>
    <message>
        <source>Turkish</source>
        <translation>土耳其语</translation>
    </message>
    <message>
        <source>Ukrainian</source>
        <translation>乌克兰语</translation>
    </message>
    <message>
        <source>Urdu</source>
        <translation>乌尔都语</translation>
    </message>
    <message>
        <source>Vietnamese</source>
        <translation>越南语</translation>
    </message>
    <message>
        <source>Chinese</source>
        <translation>中文</translation>
    </message>
</context>
<context>
    <name>LearnedLessons</name>
    <message>
        <source>Learned from refusals</source>
        <translation>从拒绝中学到的</translation>
    </message>
    <message>
        <source>This server refused something for these models, so it is not asked for again. Reset tries anew.</source>
        <translation>对于这些模型，该服务器拒绝过某些内容，因此不再请求。重置后会重新尝试。</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Forget what was learned from refusals</source>
        <translation>忘记从拒绝中学到的内容</translation>
    </message>
</context>
<context>
    <name>Leaving</name>
    <message>
        <source>Quit although something could not be saved?</source>
        <translation>有内容未能保存，仍要退出吗？</translation>
    </message>
    <message>
        <source>The disk did not take what was written last. Free some space and try again, or copy it and keep it elsewhere. Otherwise it is lost.</source>
        <translation>磁盘没有保存最后写下的内容。请腾出一些空间后重试，或者把内容复制到别处保存；否则这些内容将会丢失。</translation>
    </message>
    <message>
        <source>It is on the clipboard: paste it somewhere before you turn off the computer.</source>
        <translation>内容已在剪贴板中：请在关闭电脑之前粘贴到别处。</translation>
    </message>
    <message>
        <source>Quit in the middle of work?</source>
        <translation>工作还没有完成，要退出吗？</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Save elsewhere…</source>
        <translation>保存到别处…</translation>
    </message>
    <message>
        <source>Quit although nothing of this session is kept?</source>
        <translation>这次的内容都没有保存，仍要退出吗？</translation>
    </message>
    <message>
        <source>The data of Triptych could not be written, so what was added since the start is only in memory. Export everything to keep it: an export can be imported later.</source>
        <translation>Triptych 的数据无法写入，启动以来新增的内容只在内存中。请全部导出以便保留，以后可以再导入。</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>全部导出…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) could not be saved where pictures go. Save them in another folder, or they are lost.</source>
        <translation>
            <numerusform>有 %n 张图片无法保存到图片文件夹。请保存到其他文件夹，否则会丢失。</numerusform>
        </translation>
    </message>
    <message>
        <source>Save the pictures in</source>
        <translation>将图片保存到</translation>
    </message>
    <message>
        <source>Copy the text</source>
        <translation>复制文字</translation>
    </message>
    <message>
        <source>Quit anyway</source>
        <translation>仍要退出</translation>
    </message>
</context>
<context>
    <name>Lessons</name>
    <message>
        <source>{field} sent as {instead}</source>
        <translation>{field} 以 {instead} 发送</translation>
    </message>
    <message>
        <source>sent without {fields}</source>
        <translation>发送时未带 {fields}</translation>
    </message>
    <message>
        <source>not streamed</source>
        <translation>未流式传输</translation>
    </message>
    <message>
        <source>system prompt sent as developer</source>
        <translation>系统提示以 developer 角色发送</translation>
    </message>
    <message>
        <source>system prompt sent with the first message</source>
        <translation>系统提示随第一条消息发送</translation>
    </message>
    <message>
        <source>messages sent as plain text</source>
        <translation>消息以纯文本发送</translation>
    </message>
    <message>
        <source>messages sent in parts</source>
        <translation>消息分段发送</translation>
    </message>
    <message>
        <source>asked for the text without times</source>
        <translation>只请求文字，不要求时间</translation>
    </message>
</context>
<context>
    <name>LicenceBox</name>
    <message>
        <source>Licence of {name}</source>
        <translation>{name} 的许可证</translation>
    </message>
    <message>
        <source>Open {address}</source>
        <translation>打开 {address}</translation>
    </message>
</context>
<context>
    <name>LivePage</name>
    <message>
        <source>The newest sound</source>
        <translation>最近的声音</translation>
    </message>
    <message>
        <source>Paused. Press Resume to go on, or the round button when you are done.</source>
        <translation>已暂停。点击“继续”接着录音，完成后点击圆形按钮。</translation>
    </message>
    <message>
        <source>Saved while you speak. Press the round button again when you are done.</source>
        <translation>边录边保存。完成后再次点击圆形按钮。</translation>
    </message>
</context>
<context>
    <name>MainMenu</name>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Providers</source>
        <translation>服务商</translation>
    </message>
    <message>
        <source>Models on this computer</source>
        <translation>此电脑上的模型</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大显示</translation>
    </message>
    <message>
        <source>Triptych runs in safe mode</source>
        <translation>Triptych 正以安全模式运行</translation>
    </message>
    <message>
        <source>The built-in engine is off. The window&apos;s last state, the chosen models and your theme are not used and stay as they are. Conversations and providers are there as usual.</source>
        <translation>内置引擎已关闭。上次的窗口状态、所选模型和主题不会被使用，也不会被更改。对话和服务商照常可用。</translation>
    </message>
    <message>
        <source>Restart normally</source>
        <translation>正常重启</translation>
    </message>
    <message>
        <source>Restart in safe mode</source>
        <translation>以安全模式重启</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小显示</translation>
    </message>
    <message>
        <source>Reset zoom</source>
        <translation>恢复默认缩放</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Check for updates…</source>
        <translation>检查更新…</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>全部导出…</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>Restore from a backup…</source>
        <translation>从备份恢复…</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>报告问题…</translation>
    </message>
    <message>
        <source>About Triptych</source>
        <translation>关于 Triptych</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>{name} (safe mode)</source>
        <translation>{name}（安全模式）</translation>
    </message>
    <message>
        <source>Settings ({keys})</source>
        <translation>设置 ({keys})</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
</context>
<context>
    <name>MakerPanel</name>
    <message numerus="yes">
        <source>Start from %n picture(s)</source>
        <translation>
            <numerusform>以 %n 张图片为参考</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Enlarge %n picture(s) ×4</source>
        <translation>
            <numerusform>将 %n 张图片放大 4 倍</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MarkdownView</name>
    <message>
        <source>This text is longer than what is shown; copying takes all of it.</source>
        <translation>文本较长，此处未全部显示；复制时会包含全部内容。</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>显示更多</translation>
    </message>
</context>
<context>
    <name>MessageAttachments</name>
    <message>
        <source>Attachments</source>
        <translation>附件</translation>
    </message>
</context>
<context>
    <name>MessageClipboard</name>
    <message>
        <source>Copy text</source>
        <translation>复制文本</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>复制为 Markdown</translation>
    </message>
    <message>
        <source>Copy as rich text</source>
        <translation>复制为富文本</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>复制链接地址</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
</context>
<context>
    <name>MessageFooter</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>New conversation from here</source>
        <translation>从这里开始新对话</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>Version {number} of {count}</source>
        <translation>第 {number} 个版本，共 {count} 个</translation>
    </message>
</context>
<context>
    <name>MessageView</name>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>助手</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>Answer by {model}: {text}</source>
        <translation>{model} 的回答：{text}</translation>
    </message>
    <message>
        <source>{who}: {text}</source>
        <translation>{who}：{text}</translation>
    </message>
</context>
<context>
    <name>ModelAbilities</name>
    <message>
        <source>Not asked yet. Test the connection, or ask for the list.</source>
        <translation>尚未获取。请测试连接或获取列表。</translation>
    </message>
    <message>
        <source>Servers do not tell what a model can do. Choose one to correct the guess.</source>
        <translation>服务器不会说明模型的能力，此处为推测。选择一个模型即可更正。</translation>
    </message>
    <message>
        <source>What {model} can do:</source>
        <translation>{model} 的能力：</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Ask for the list</source>
        <translation>获取列表</translation>
    </message>
    <message>
        <source>Asking</source>
        <translation>正在获取</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>搜索模型</translation>
    </message>
    <message>
        <source>Models of this provider</source>
        <translation>此服务商的模型</translation>
    </message>
    <message>
        <source>Back to the guess</source>
        <translation>恢复推测值</translation>
    </message>
    <message>
        <source>ends {date}</source>
        <translation>{date} 停用</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Sees pictures</source>
        <translation>识图</translation>
    </message>
    <message>
        <source>Reasons</source>
        <translation>推理</translation>
    </message>
    <message>
        <source>Makes pictures</source>
        <translation>生成图片</translation>
    </message>
    <message>
        <source>Edits pictures</source>
        <translation>编辑图片</translation>
    </message>
    <message>
        <source>Transcribes</source>
        <translation>转写</translation>
    </message>
    <message>
        <source>Translates speech</source>
        <translation>语音翻译</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Download ({size})</source>
        <translation>下载（{size}）</translation>
    </message>
    <message>
        <source>Connect a provider</source>
        <translation>连接服务商</translation>
    </message>
    <message>
        <source>Download for all tabs ({size})</source>
        <translation>为所有标签页下载（{size}）</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>Discard what is here</source>
        <translation>丢弃已下载部分</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>以后再说</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Checking that all of it is right</source>
        <translation>正在校验</translation>
    </message>
    <message>
        <source>Preparing it for the engine</source>
        <translation>正在为引擎做准备</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>已下载 {done} / {total}</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>剩余不到 1 分钟</translation>
    </message>
    <message numerus="yes">
        <source>about %n minute(s) left</source>
        <translation>
            <numerusform>剩余约 %n 分钟</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n hour(s) left</source>
        <translation>
            <numerusform>剩余约 %n 小时</numerusform>
        </translation>
    </message>
    <message>
        <source>Enlarge pictures on this computer</source>
        <translation>在此电脑上放大图像</translation>
    </message>
    <message>
        <source>Turn speech into text on this computer</source>
        <translation>在此电脑上将语音转写为文字</translation>
    </message>
    <message>
        <source>Chat on this computer</source>
        <translation>在此电脑上对话</translation>
    </message>
    <message>
        <source>For this the built-in engine needs {models}, downloaded once. Then it works without a network, and nothing you give it leaves this computer.</source>
        <translation>为此，内置引擎需要 {models}，只需下载一次。之后无需网络即可使用，您提供的内容不会离开此电脑。</translation>
    </message>
</context>
<context>
    <name>ModelChoice</name>
    <message>
        <source>A key for {address} is set on this computer</source>
        <translation>此电脑上设有 {address} 的密钥</translation>
    </message>
    <message>
        <source>Triptych found it in OPENAI_API_KEY and can use it.</source>
        <translation>Triptych 在 OPENAI_API_KEY 中找到了它，可以直接使用。</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>No, thanks</source>
        <translation>不用了</translation>
    </message>
    <message>
        <source>{provider} is connected</source>
        <translation>已连接 {provider}</translation>
    </message>
    <message>
        <source>Its models are in the list at the top right.</source>
        <translation>它的模型在右上角的列表中。</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
</context>
<context>
    <name>ModelOffers</name>
    <message>
        <source>{sentence} {next}</source>
        <translation>{sentence}{next}</translation>
    </message>
</context>
<context>
    <name>ModelPicker</name>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Model: {name} (Ctrl+M)</source>
        <translation>模型：{name} (Ctrl+M)</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
</context>
<context>
    <name>ModelPopup</name>
    <message>
        <source>Search, or type any model id</source>
        <translation>搜索，或输入任意模型 ID</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>搜索模型</translation>
    </message>
    <message>
        <source>Ask the providers again</source>
        <translation>重新向服务商获取</translation>
    </message>
    <message>
        <source>Refresh model lists</source>
        <translation>刷新模型列表</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>in memory</source>
        <translation>已加载</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Download {name}</source>
        <translation>下载 {name}</translation>
    </message>
    <message>
        <source>Cancel the download of {name}</source>
        <translation>取消下载 {name}</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>正在排队</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>正在转换</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>正在校验</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>已下载 {done} / {total}</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Speech to text</source>
        <translation>语音转文字</translation>
    </message>
    <message>
        <source>Voice detection</source>
        <translation>语音检测</translation>
    </message>
    <message>
        <source>Enlarging</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Making pictures</source>
        <translation>生成图片</translation>
    </message>
    <message>
        <source>{size} on disk</source>
        <translation>占用磁盘 {size}</translation>
    </message>
    <message>
        <source>{size}, came with Triptych</source>
        <translation>{size}，随 Triptych 附带</translation>
    </message>
    <message>
        <source>The file is not there any more</source>
        <translation>文件已不存在</translation>
    </message>
    <message>
        <source>{size} to download</source>
        <translation>需下载 {size}</translation>
    </message>
    <message>
        <source>about {size} of memory while in use</source>
        <translation>使用时约占内存 {size}</translation>
    </message>
</context>
<context>
    <name>ModelRows</name>
    <message>
        <source>Recently used</source>
        <translation>最近使用</translation>
    </message>
    <message>
        <source>Abilities unknown</source>
        <translation>能力未知：</translation>
    </message>
    <message>
        <source>Use what you typed</source>
        <translation>使用输入的名称</translation>
    </message>
    <message>
        <source>No model has that in its name.</source>
        <translation>没有名称包含这些文字的模型。</translation>
    </message>
    <message>
        <source>No models yet</source>
        <translation>还没有模型</translation>
    </message>
    <message>
        <source>Download some on the Models page of the settings,</source>
        <translation>请在设置的“模型”页下载，</translation>
    </message>
    <message>
        <source>or connect a provider there.</source>
        <translation>或在设置中连接服务商。</translation>
    </message>
    <message>
        <source>ends {date}</source>
        <translation>{date} 停用</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Silero voice detection</source>
        <translation>Silero 语音检测</translation>
    </message>
    <message>
        <source>Real-ESRGAN drawings</source>
        <translation>Real-ESRGAN 插图</translation>
    </message>
    <message>
        <source>Real-ESRGAN photos</source>
        <translation>Real-ESRGAN 照片</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models on this computer</source>
        <translation>此电脑上的模型</translation>
    </message>
    <message>
        <source>Models (*.gguf *.bin *.safetensors)</source>
        <translation>模型 (*.gguf *.bin *.safetensors)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Add a model file</source>
        <translation>添加模型文件</translation>
    </message>
    <message>
        <source>Remove {name}?</source>
        <translation>移除 {name}？</translation>
    </message>
    <message>
        <source>Triptych forgets the file and leaves it where it is.</source>
        <translation>Triptych 将不再使用该文件，但文件仍保留在原处。</translation>
    </message>
    <message>
        <source>Its file is deleted from this computer; it can be downloaded again.</source>
        <translation>模型文件将从此电脑删除；可以重新下载。</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Download the default set ({size})</source>
        <translation>下载默认模型 ({size})</translation>
    </message>
    <message>
        <source>Add own file…</source>
        <translation>添加自己的文件…</translation>
    </message>
    <message>
        <source>Own files: chat models as GGUF, Whisper models as ggml, Stable Diffusion checkpoints as safetensors or GGUF. They stay where they are.</source>
        <translation>自己的文件：GGUF 格式的聊天模型、ggml 格式的 Whisper 模型、safetensors 或 GGUF 格式的 Stable Diffusion 模型。文件保留在原处。</translation>
    </message>
</context>
<context>
    <name>NewestButton</name>
    <message>
        <source>Go to the newest message</source>
        <translation>转到最新消息</translation>
    </message>
</context>
<context>
    <name>NoWindow</name>
    <message>
        <source>Its folder {folder} cannot be used: {reason}.

Make it writable, or make room on its disk, and start again.</source>
        <translation>无法使用它的文件夹 {folder}：{reason}。

请让该文件夹可写，或在其磁盘上腾出空间，然后重新启动。</translation>
    </message>
    <message>
        <source>It runs already. Close its window first, then start it in safe mode.</source>
        <translation>它已在运行。请先关闭它的窗口，再以安全模式启动。</translation>
    </message>
    <message>
        <source>It runs already with this folder, but does not answer.

End it in your system&apos;s list of programs, or log out and in, and start it again. What was saved is not lost.</source>
        <translation>它已在使用此文件夹运行，但没有响应。

请在系统的程序列表中结束它，或注销后重新登录，再启动它。已保存的内容不会丢失。</translation>
    </message>
    <message>
        <source>{name} cannot start</source>
        <translation>{name} 无法启动</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>{sentence} {next}</source>
        <translation>{sentence}{next}</translation>
    </message>
    <message>
        <source>Send without “{field}”</source>
        <translation>不带“{field}”发送</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Open provider settings</source>
        <translation>打开服务商设置</translation>
    </message>
    <message>
        <source>Open the Models page</source>
        <translation>打开“模型”页</translation>
    </message>
    <message>
        <source>Open the data folder</source>
        <translation>打开数据文件夹</translation>
    </message>
    <message>
        <source>Restore a backup…</source>
        <translation>恢复备份…</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>导出全部…</translation>
    </message>
</context>
<context>
    <name>NoticeCard</name>
    <message>
        <source>Copy details</source>
        <translation>复制详情</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>Outside</name>
    <message>
        <source>No program opened it</source>
        <translation>没有程序打开它</translation>
    </message>
    <message>
        <source>Nothing on this computer wants to open {address}.</source>
        <translation>此电脑上没有程序可以打开 {address}。</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>ParametersPanel</name>
    <message numerus="yes">
        <source>Only the first %n line(s) are used.</source>
        <translation>
            <numerusform>仅使用前 %n 行。</numerusform>
        </translation>
    </message>
    <message>
        <source>This is not a JSON object, so it is not used.</source>
        <translation>这不是 JSON 对象，因此不会使用。</translation>
    </message>
    <message>
        <source>Not used: this has to be a whole number from {lowest}.</source>
        <translation>未使用：必须是不小于 {lowest} 的整数。</translation>
    </message>
    <message>
        <source>Not used: this has to be a number from {lowest} to {highest}.</source>
        <translation>未使用：必须是 {lowest} 到 {highest} 之间的数。</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>How the model should behave, for all its answers</source>
        <translation>模型在所有回答中应遵循的要求</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>0 is steady, 2 is wild</source>
        <translation>0 最稳定，2 最随机</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>0 to 1: only the likeliest words up to this sum</source>
        <translation>0 到 1：只取累计概率不超过此值的词</translation>
    </message>
    <message>
        <source>The answer is cut off there</source>
        <translation>回答到此长度即截断</translation>
    </message>
    <message>
        <source>Maximum tokens</source>
        <translation>最大 token 数</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>The same number tends to give the same answer</source>
        <translation>相同的数字往往得到相同的回答</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>频率惩罚</translation>
    </message>
    <message>
        <source>−2 to 2: above 0 avoids repeating words</source>
        <translation>−2 到 2：大于 0 时减少用词重复</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>存在惩罚</translation>
    </message>
    <message>
        <source>−2 to 2: above 0 looks for new topics</source>
        <translation>−2 到 2：大于 0 时倾向新话题</translation>
    </message>
    <message>
        <source>How long models that reason may think</source>
        <translation>推理模型可以思考多久</translation>
    </message>
    <message>
        <source>Reasoning effort</source>
        <translation>推理强度</translation>
    </message>
    <message>
        <source>Verbosity</source>
        <translation>详细程度</translation>
    </message>
    <message>
        <source>How long-winded the answer may be</source>
        <translation>回答的详尽程度</translation>
    </message>
    <message>
        <source>Answer format</source>
        <translation>回答格式</translation>
    </message>
    <message>
        <source>Plain text, or JSON for programs</source>
        <translation>纯文本，或供程序使用的 JSON</translation>
    </message>
    <message>
        <source>JSON schema</source>
        <translation>JSON Schema</translation>
    </message>
    <message>
        <source>What the answer has to look like</source>
        <translation>回答必须符合的结构</translation>
    </message>
    <message>
        <source>Stop at (one per line)</source>
        <translation>停止序列（每行一个）</translation>
    </message>
    <message>
        <source>The answer ends before any of these</source>
        <translation>回答会在出现这些内容之前结束</translation>
    </message>
    <message>
        <source>Extra fields (JSON)</source>
        <translation>附加字段 (JSON)</translation>
    </message>
    <message>
        <source>Sent as they are, for what is not listed here</source>
        <translation>原样发送，用于此处未列出的选项</translation>
    </message>
    <message>
        <source>not sent</source>
        <translation>不发送</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>minimal</source>
        <translation>极低</translation>
    </message>
    <message>
        <source>low</source>
        <translation>低</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>中</translation>
    </message>
    <message>
        <source>high</source>
        <translation>高</translation>
    </message>
    <message>
        <source>very high</source>
        <translation>很高</translation>
    </message>
    <message>
        <source>highest</source>
        <translation>最高</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>JSON by a schema</source>
        <translation>按 Schema 的 JSON</translation>
    </message>
</context>
<context>
    <name>PathEditor</name>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
</context>
<context>
    <name>PictureActions</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Save a copy of the picture</source>
        <translation>保存图片副本</translation>
    </message>
    <message>
        <source>Use in Chat</source>
        <translation>用于对话</translation>
    </message>
    <message>
        <source>Ask about the picture in Chat</source>
        <translation>在对话中就此图片提问</translation>
    </message>
    <message>
        <source>Edit again</source>
        <translation>再次编辑</translation>
    </message>
    <message>
        <source>Start the next picture from this one</source>
        <translation>以此图片为参考生成下一张</translation>
    </message>
    <message>
        <source>Same settings</source>
        <translation>相同设置</translation>
    </message>
    <message>
        <source>Put its prompt and settings into the form</source>
        <translation>将其提示词和设置填入表单</translation>
    </message>
    <message>
        <source>Enlarge ×4</source>
        <translation>放大 4 倍</translation>
    </message>
    <message>
        <source>Make it four times as wide and high on this computer</source>
        <translation>在此电脑上将宽和高放大到四倍</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Show the folder with the file</source>
        <translation>显示文件所在的文件夹</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the picture</source>
        <translation>删除图片</translation>
    </message>
    <message>
        <source>Pictures (*{suffix})</source>
        <translation>图片 (*{suffix})</translation>
    </message>
    <message>
        <source>Save picture as</source>
        <translation>图片另存为</translation>
    </message>
    <message>
        <source>Save pictures in</source>
        <translation>保存图片到</translation>
    </message>
</context>
<context>
    <name>PictureDetails</name>
    <message>
        <source>How the picture was made</source>
        <translation>图片生成信息</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>The model&apos;s own wording</source>
        <translation>模型改写的提示词</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>生成时间</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>背景</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>File size</source>
        <translation>文件大小</translation>
    </message>
</context>
<context>
    <name>PicturesPane</name>
    <message numerus="yes">
        <source>%n picture(s) deleted</source>
        <translation>
            <numerusform>已删除 %n 张图片</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlayerBar</name>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>{action} (Ctrl+Space)</source>
        <translation>{action} (Ctrl+Space)</translation>
    </message>
</context>
<context>
    <name>ProblemReport</name>
    <message>
        <source>Save the report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>文本 (*.txt)</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>报告问题</translation>
    </message>
    <message>
        <source>This says how Triptych is set up here and what it logged last. Read it and take out what you want to keep to yourself. Keys and passwords are hidden, and no conversation is in it; files may be named.</source>
        <translation>这里说明了 Triptych 在此电脑上的设置以及最近的日志。请先阅读，并删去您不想透露的内容。密钥和密码已隐藏，不含任何对话；其中可能会出现文件名。</translation>
    </message>
    <message>
        <source>The report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Being put together…</source>
        <translation>正在整理…</translation>
    </message>
    <message>
        <source>Nothing is sent by itself. Copy the report, then describe on the project&apos;s page what happened.</source>
        <translation>不会自动发送任何内容。请复制报告，然后在项目页面上说明发生了什么。</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Open {address}</source>
        <translation>打开 {address}</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>PromptBox</name>
    <message>
        <source>Describe the picture</source>
        <translation>描述图片</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Ctrl+↑ and Ctrl+↓ bring back earlier prompts</source>
        <translation>按 Ctrl+↑ 和 Ctrl+↓ 可找回之前的提示词</translation>
    </message>
</context>
<context>
    <name>PromptForm</name>
    <message>
        <source>This model makes pictures from words only: remove the pictures or choose another model.</source>
        <translation>此模型只能由文字生成图片：请移除参考图或选择其他模型。</translation>
    </message>
    <message numerus="yes">
        <source>This model starts from at most %n picture(s).</source>
        <translation>
            <numerusform>此模型最多使用 %n 张参考图。</numerusform>
        </translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Change pictures</source>
        <translation>修改图片</translation>
    </message>
    <message>
        <source>Generate</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
</context>
<context>
    <name>ProviderForm</name>
    <message>
        <source>This is not a server&apos;s address. It should look like https://api.example.com/v1.</source>
        <translation>这不是服务器地址。地址应类似于 https://api.example.com/v1。</translation>
    </message>
    <message>
        <source>Put the name of your own resource in place of “{name}”.</source>
        <translation>请把“{name}”换成您自己的资源名称。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Base address</source>
        <translation>基础地址</translation>
    </message>
    <message>
        <source>Paste it in any form; it is put in order when you leave the field.</source>
        <translation>可粘贴任意形式的地址；离开输入框时会自动整理。</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Use this provider</source>
        <translation>启用此服务商</translation>
    </message>
    <message>
        <source>Fewer options</source>
        <translation>收起选项</translation>
    </message>
    <message>
        <source>More options</source>
        <translation>更多选项</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>服务商</translation>
    </message>
</context>
<context>
    <name>ProviderList</name>
    <message>
        <source>Providers</source>
        <translation>服务商</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Add a provider</source>
        <translation>添加服务商</translation>
    </message>
    <message>
        <source>Remove this provider</source>
        <translation>移除此服务商</translation>
    </message>
    <message>
        <source>{name} (off)</source>
        <translation>{name}（已停用）</translation>
    </message>
</context>
<context>
    <name>ProviderOptions</name>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>证书 (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Line {line} is not like “Name: value”; nothing of this was stored.</source>
        <translation>第 {line} 行不是“名称: 值”的形式；内容未保存。</translation>
    </message>
    <message>
        <source>Not a JSON object (line {line}, column {column}); nothing of this was stored.</source>
        <translation>不是 JSON 对象（第 {line} 行，第 {column} 列）；内容未保存。</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Completions (legacy)</source>
        <translation>Completions（旧版）</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>This one</source>
        <translation>使用下方地址</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>s</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>Only the system&apos;s certificates</source>
        <translation>仅使用系统证书</translation>
    </message>
    <message>
        <source>The values are kept in the key store like the key, and shown as dots.</source>
        <translation>这些值和密钥一样保存在系统密钥库中，显示为圆点。</translation>
    </message>
    <message>
        <source>This system offers no key store, so the values are kept for this session only.</source>
        <translation>此系统没有密钥库，因此这些值仅在本次会话中保留。</translation>
    </message>
    <message>
        <source>A password in it is kept in the key store like the key, and shown as dots.</source>
        <translation>其中的密码和密钥一样保存在系统密钥库中，显示为圆点。</translation>
    </message>
    <message>
        <source>This system offers no key store, so a password in it is kept for this session only.</source>
        <translation>此系统没有密钥库，因此其中的密码仅在本次会话中保留。</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>Automatic uses Chat Completions, and another protocol for models that need it.</source>
        <translation>“自动”使用 Chat Completions，对有需要的模型使用其他协议。</translation>
    </message>
    <message>
        <source>Organisation</source>
        <translation>组织</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Key is sent as</source>
        <translation>密钥发送方式</translation>
    </message>
    <message>
        <source>Extra headers</source>
        <translation>附加请求头</translation>
    </message>
    <message>
        <source>A line each, such as “X-Team: research”.</source>
        <translation>每行一个，例如“X-Team: research”。</translation>
    </message>
    <message>
        <source>A JSON object; its fields go into every request. It is stored in a readable file: no keys here.</source>
        <translation>一个 JSON 对象，其中的字段会加入每个请求。它保存在可读的文件中：请勿在此填写密钥。</translation>
    </message>
    <message>
        <source>Extra fields</source>
        <translation>附加字段</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>Proxy address</source>
        <translation>代理地址</translation>
    </message>
    <message>
        <source>Certificate file</source>
        <translation>证书文件</translation>
    </message>
    <message>
        <source>A company&apos;s own certificate authority, trusted in addition to the system&apos;s.</source>
        <translation>公司自己的证书颁发机构，与系统证书一并受信任。</translation>
    </message>
    <message>
        <source>Give up connecting after</source>
        <translation>连接超时</translation>
    </message>
    <message>
        <source>Give up waiting after</source>
        <translation>等待超时</translation>
    </message>
    <message>
        <source>The longest silence while an answer is made.</source>
        <translation>生成回答期间允许的最长无响应时间。</translation>
    </message>
</context>
<context>
    <name>Providers</name>
    <message>
        <source>Built-in engine</source>
        <translation>内置引擎</translation>
    </message>
</context>
<context>
    <name>ProvidersPage</name>
    <message>
        <source>Providers</source>
        <translation>服务商</translation>
    </message>
    <message>
        <source>“{name}” was removed.</source>
        <translation>已移除“{name}”。</translation>
    </message>
    <message>
        <source>Built-in engine</source>
        <translation>内置引擎</translation>
    </message>
    <message>
        <source>Runs small open models on this computer: no key, no network, nothing leaves it. It is always there. Add a provider to use larger models.</source>
        <translation>在此电脑上运行小型开源模型：无需密钥和网络，数据不会离开此电脑。它始终可用。如需更大的模型，请添加服务商。</translation>
    </message>
    <message>
        <source>Show its models</source>
        <translation>查看模型</translation>
    </message>
</context>
<context>
    <name>QueueActions</name>
    <message>
        <source>Removed “{name}”</source>
        <translation>已移除“{name}”</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message numerus="yes">
        <source>Transcribe all %n</source>
        <translation>
            <numerusform>转写全部 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Recordings and files</source>
        <translation>录音和文件</translation>
    </message>
    <message>
        <source>Add sound or video files</source>
        <translation>添加音频或视频文件</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>转写</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
</context>
<context>
    <name>ReasoningFold</name>
    <message>
        <source>Thinking…</source>
        <translation>正在思考…</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>思考过程</translation>
    </message>
    <message>
        <source>Thought for a moment</source>
        <translation>思考了片刻</translation>
    </message>
    <message>
        <source>Thought for {seconds} s</source>
        <translation>思考了 {seconds} 秒</translation>
    </message>
    <message>
        <source>Thought for {minutes} min {seconds} s</source>
        <translation>思考了 {minutes} 分 {seconds} 秒</translation>
    </message>
    <message>
        <source>Unfolded</source>
        <translation>已展开</translation>
    </message>
    <message>
        <source>Folded</source>
        <translation>已折叠</translation>
    </message>
</context>
<context>
    <name>RecorderBar</name>
    <message>
        <source>Saved while you speak</source>
        <translation>边录边保存</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Too loud: move away or turn the microphone down</source>
        <translation>声音过大：请离远一些或调低麦克风音量</translation>
    </message>
    <message>
        <source>Nothing is heard: is the microphone muted?</source>
        <translation>没有声音：麦克风是否已静音？</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>正在录音</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>转写</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>停止录音</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>录音</translation>
    </message>
    <message>
        <source>{action} (Ctrl+R)</source>
        <translation>{action} (Ctrl+R)</translation>
    </message>
    <message>
        <source>Test the microphone</source>
        <translation>测试麦克风</translation>
    </message>
    <message>
        <source>Test the microphone: show its level without recording</source>
        <translation>测试麦克风：显示音量而不录音</translation>
    </message>
    <message>
        <source>Level of the microphone</source>
        <translation>麦克风音量</translation>
    </message>
    <message>
        <source>Transcribe when stopped</source>
        <translation>停止后转写</translation>
    </message>
</context>
<context>
    <name>RecordingSession</name>
    <message>
        <source>Recording {moment}</source>
        <translation>录音 {moment}</translation>
    </message>
</context>
<context>
    <name>ReferenceStrip</name>
    <message>
        <source>Pictures to start from</source>
        <translation>参考图</translation>
    </message>
    <message>
        <source>Add pictures…</source>
        <translation>添加图片…</translation>
    </message>
    <message>
        <source>Choose pictures to start from; dropping and pasting work too</source>
        <translation>选择参考图；也可以拖放或粘贴</translation>
    </message>
</context>
<context>
    <name>ReferenceTile</name>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
</context>
<context>
    <name>RestorePage</name>
    <message>
        <source>Backup and restore</source>
        <translation>备份与恢复</translation>
    </message>
    <message>
        <source>Untitled</source>
        <translation>未命名</translation>
    </message>
    <message>
        <source>“{title}” is back</source>
        <translation>“{title}”已恢复</translation>
    </message>
    <message>
        <source>It is in the list of conversations again.</source>
        <translation>它又出现在对话列表中了。</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Everything is exported</source>
        <translation>已全部导出</translation>
    </message>
    <message>
        <source>Here already and longer now: {count}.</source>
        <translation>已在此处、现已续上新内容：{count} 个。</translation>
    </message>
    <message>
        <source>Gone on differently here, so they are here twice now: {count}.</source>
        <translation>在此处也有不同的后续，因此现在各有两份：{count} 个。</translation>
    </message>
    <message>
        <source>Left out, as they cannot be read: {things}.</source>
        <translation>无法读取而略过：{things}。</translation>
    </message>
    <message numerus="yes">
        <source>%n provider(s)</source>
        <translation>
            <numerusform>%n 个服务商</numerusform>
        </translation>
    </message>
    <message>
        <source>Files that are missing: {count}.</source>
        <translation>缺失的文件：{count} 个。</translation>
    </message>
    <message>
        <source>{things} are in “{name}”.</source>
        <translation>{things}已保存在“{name}”中。</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>New: {things}.</source>
        <translation>新增：{things}。</translation>
    </message>
    <message>
        <source>Switched off until you have checked the address: {names}.</source>
        <translation>以下服务商已停用，请先核对地址：{names}。</translation>
    </message>
    <message>
        <source>Open provider settings</source>
        <translation>打开服务商设置</translation>
    </message>
    <message>
        <source>“{name}” is imported</source>
        <translation>已导入“{name}”</translation>
    </message>
    <message>
        <source>Here already and left alone: {count}.</source>
        <translation>已存在、未改动：{count} 项。</translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n 张图片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n recording(s)</source>
        <translation>
            <numerusform>%n 段录音</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n transcript(s)</source>
        <translation>
            <numerusform>%n 份转写稿</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SendButton</name>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>发送 (Enter)</translation>
    </message>
    <message>
        <source>Send (Ctrl+Enter)</source>
        <translation>发送 (Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop (Esc)</source>
        <translation>停止 (Esc)</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>缩放</translation>
    </message>
    <message>
        <source>Enter sends the message</source>
        <translation>按 Enter 发送消息</translation>
    </message>
    <message>
        <source>When off, Ctrl+Enter sends and Enter starts a new line.</source>
        <translation>关闭后，按 Ctrl+Enter 发送，按 Enter 换行。</translation>
    </message>
    <message>
        <source>Send pictures in their original size</source>
        <translation>以原始尺寸发送图片</translation>
    </message>
    <message>
        <source>When off, pictures are scaled down to at most 2048 pixels before sending.</source>
        <translation>关闭后，图片在发送前会缩小到最多 2048 像素。</translation>
    </message>
    <message>
        <source>Folder for pictures</source>
        <translation>图片文件夹</translation>
    </message>
    <message>
        <source>Where new pictures are saved; empty means the program&apos;s own folder.</source>
        <translation>新图片的保存位置；留空则使用程序默认文件夹。</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>麦克风</translation>
    </message>
    <message>
        <source>Empty means the system&apos;s default microphone.</source>
        <translation>留空则使用系统默认麦克风。</translation>
    </message>
    <message>
        <source>Spoken language</source>
        <translation>语音语言</translation>
    </message>
    <message>
        <source>Two letters such as en or zh; empty means that it is detected, which is slower.</source>
        <translation>两个字母，如 en 或 zh；留空则自动检测，速度较慢。</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>词汇表</translation>
    </message>
    <message>
        <source>Names and special words that the speech model should expect.</source>
        <translation>语音模型应留意的人名和专有词。</translation>
    </message>
    <message>
        <source>Transcribe when a recording is stopped</source>
        <translation>停止录音后自动转写</translation>
    </message>
    <message>
        <source>Free the engine&apos;s memory after</source>
        <translation>闲置后释放内存</translation>
    </message>
    <message>
        <source>Models of the built-in engine that were not used for this long are unloaded.</source>
        <translation>内置引擎的模型闲置超过此时间后会被卸载。</translation>
    </message>
    <message>
        <source>min</source>
        <translation>分钟</translation>
    </message>
    <message>
        <source>Make a backup every day</source>
        <translation>每天备份</translation>
    </message>
    <message>
        <source>What you delete stays in backups for up to five weeks. Keys are never in a backup.</source>
        <translation>您删除的内容最多在备份中保留五周。备份中绝不包含密钥。</translation>
    </message>
    <message>
        <source>Look for a newer version once a day</source>
        <translation>每天检查一次新版本</translation>
    </message>
    <message>
        <source>Asks one web page for the newest version. Nothing about you or your computer is sent.</source>
        <translation>只向一个网页查询最新版本，不发送任何关于您或这台电脑的信息。</translation>
    </message>
    <message>
        <source>Asked about that</source>
        <translation>已询问过</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>音频</translation>
    </message>
    <message>
        <source>Built-in engine</source>
        <translation>内置引擎</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>{section}: {option}</source>
        <translation>{section}：{option}</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Pages of the settings</source>
        <translation>设置页面</translation>
    </message>
    <message>
        <source>General</source>
        <translation>常规</translation>
    </message>
    <message>
        <source>Providers</source>
        <translation>服务商</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Backup and restore</source>
        <translation>备份与恢复</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
</context>
<context>
    <name>SettingsFields</name>
    <message>
        <source>JPEG has no transparency: choose PNG or WebP, or an opaque background.</source>
        <translation>JPEG 不支持透明：请选择 PNG 或 WebP，或使用不透明背景。</translation>
    </message>
    <message>
        <source>Extra fields must be a JSON object such as {&quot;style&quot;: &quot;vivid&quot;}.</source>
        <translation>附加字段必须是 JSON 对象，例如 {&quot;style&quot;: &quot;vivid&quot;}。</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>背景</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>File quality</source>
        <translation>文件质量</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Extra fields</source>
        <translation>附加字段</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>Choose a seed</source>
        <translation>指定种子</translation>
    </message>
    <message>
        <source>Choose a seed; the same seed gives the same picture again</source>
        <translation>指定种子；相同的种子会再次生成相同的图片</translation>
    </message>
    <message>
        <source>Sent as they are, for what this form does not know</source>
        <translation>原样发送，用于表单中没有的选项</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>More settings</source>
        <translation>更多设置</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Deleted “{title}”</source>
        <translation>已删除“{title}”</translation>
    </message>
    <message>
        <source>New conversation (Ctrl+N)</source>
        <translation>新建对话 (Ctrl+N)</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search conversations</source>
        <translation>搜索对话</translation>
    </message>
    <message>
        <source>Search in titles and messages (Ctrl+F)</source>
        <translation>搜索标题和消息 (Ctrl+F)</translation>
    </message>
    <message>
        <source>Nothing found.</source>
        <translation>未找到结果。</translation>
    </message>
    <message>
        <source>Your conversations will be listed here.</source>
        <translation>您的对话将显示在这里。</translation>
    </message>
</context>
<context>
    <name>SizeField</name>
    <message>
        <source>Other size…</source>
        <translation>其他尺寸…</translation>
    </message>
    <message>
        <source>square</source>
        <translation>方形</translation>
    </message>
    <message>
        <source>landscape</source>
        <translation>横向</translation>
    </message>
    <message>
        <source>portrait</source>
        <translation>纵向</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Width in pixels</source>
        <translation>宽度（像素）</translation>
    </message>
    <message>
        <source>Height in pixels</source>
        <translation>高度（像素）</translation>
    </message>
</context>
<context>
    <name>SoundHeader</name>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>{moment} · {model}</source>
        <translation>{moment} · {model}</translation>
    </message>
    <message>
        <source>translated to English</source>
        <translation>已译为英语</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the whole transcript</source>
        <translation>复制整篇转写稿</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Write the transcript to a file</source>
        <translation>将转写稿写入文件</translation>
    </message>
    <message>
        <source>Use in chat</source>
        <translation>用于对话</translation>
    </message>
    <message>
        <source>Put the transcript into a message in Chat</source>
        <translation>将转写稿放入对话的消息中</translation>
    </message>
    <message>
        <source>Earlier transcripts</source>
        <translation>以前的转写稿</translation>
    </message>
</context>
<context>
    <name>SoundPane</name>
    <message>
        <source>Press Transcribe to turn this sound into text.</source>
        <translation>点击“转写”将此音频转为文字。</translation>
    </message>
    <message>
        <source>No transcript yet</source>
        <translation>尚无转写稿</translation>
    </message>
    <message>
        <source>The speech model found no speech in this sound.</source>
        <translation>语音模型在此音频中没有发现语音。</translation>
    </message>
    <message>
        <source>No speech was found</source>
        <translation>未发现语音</translation>
    </message>
    <message>
        <source>Listening…</source>
        <translation>正在聆听…</translation>
    </message>
    <message>
        <source>The text appears here as it is recognised.</source>
        <translation>识别出的文字会陆续显示在这里。</translation>
    </message>
    <message>
        <source>It was stopped before the first words.</source>
        <translation>在识别出文字之前已停止。</translation>
    </message>
    <message>
        <source>No text yet</source>
        <translation>尚无文字</translation>
    </message>
</context>
<context>
    <name>StateNote</name>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Waiting for the first words…</source>
        <translation>正在等待回答…</translation>
    </message>
    <message>
        <source>Cut off by the provider&apos;s content filter.</source>
        <translation>被服务商的内容过滤器截断。</translation>
    </message>
    <message>
        <source>The model asked for a tool instead of answering; Triptych has none to offer.</source>
        <translation>模型没有回答，而是要求调用工具；Triptych 没有可用的工具。</translation>
    </message>
    <message>
        <source>The model gave no answer.</source>
        <translation>模型没有给出回答。</translation>
    </message>
    <message>
        <source>The model reasoned, but gave no answer. A higher limit of tokens may help.</source>
        <translation>模型进行了推理，但没有给出回答。提高 token 上限可能有帮助。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>Interrupted before it was finished.</source>
        <translation>未完成即被中断。</translation>
    </message>
    <message>
        <source>This answer failed.</source>
        <translation>此回答失败。</translation>
    </message>
    <message>
        <source>Cut off: the limit of tokens was reached.</source>
        <translation>已截断：达到 token 上限。</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Starting the built-in engine…</source>
        <translation>正在启动内置引擎…</translation>
    </message>
    <message numerus="yes">
        <source>Nothing has come for %n second(s). Stop ends the wait.</source>
        <translation>
            <numerusform>已有 %n 秒没有收到任何内容。按“停止”可结束等待。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Trying again in %n second(s)…</source>
        <translation>
            <numerusform>%n 秒后重试…</numerusform>
        </translation>
    </message>
    <message>
        <source>Trying again…</source>
        <translation>正在重试…</translation>
    </message>
    <message>
        <source>{reason}. {again}</source>
        <translation>{reason}。{again}</translation>
    </message>
</context>
<context>
    <name>TabHost</name>
    <message>
        <source>{tab}, working</source>
        <translation>{tab}，正在工作</translation>
    </message>
    <message>
        <source>{tab}, finished</source>
        <translation>{tab}，已完成</translation>
    </message>
</context>
<context>
    <name>Tabs</name>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>音频</translation>
    </message>
</context>
<context>
    <name>TileButtons</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>Send without “{field}”</source>
        <translation>不带“{field}”发送</translation>
    </message>
</context>
<context>
    <name>TimeGutter</name>
    <message>
        <source>Times of the segments</source>
        <translation>各段的时间</translation>
    </message>
    <message>
        <source>Play from here</source>
        <translation>从此处播放</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
</context>
<context>
    <name>TranscriptAnnouncer</name>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
</context>
<context>
    <name>TranscriptOutput</name>
    <message>
        <source>Export the transcript</source>
        <translation>导出转写稿</translation>
    </message>
</context>
<context>
    <name>TranscriptView</name>
    <message>
        <source>Transcript</source>
        <translation>转写稿</translation>
    </message>
    <message>
        <source>Ctrl+Enter plays from the paragraph with the cursor</source>
        <translation>按 Ctrl+Enter 从光标所在段落开始播放</translation>
    </message>
</context>
<context>
    <name>TranscriptionBar</name>
    <message>
        <source>Detect language</source>
        <translation>自动检测语言</translation>
    </message>
    <message>
        <source>Transcribe</source>
        <translation>转写</translation>
    </message>
    <message>
        <source>Transcribe again</source>
        <translation>重新转写</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Choose a speech model at the top right first</source>
        <translation>请先在右上角选择语音模型</translation>
    </message>
    <message>
        <source>Transcribe again from the beginning</source>
        <translation>从头重新转写</translation>
    </message>
    <message>
        <source>Spoken language</source>
        <translation>语音语言</translation>
    </message>
    <message>
        <source>The language that is spoken</source>
        <translation>语音所使用的语言</translation>
    </message>
    <message>
        <source>Names and special words to expect</source>
        <translation>人名和专有词</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>词汇表</translation>
    </message>
    <message>
        <source>Names and special words that the speech model should expect</source>
        <translation>语音模型应留意的人名和专有词</translation>
    </message>
    <message>
        <source>Translate to English</source>
        <translation>翻译成英语</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Progress of the transcription</source>
        <translation>转写进度</translation>
    </message>
</context>
<context>
    <name>TranscriptionQueue</name>
    <message>
        <source>Waiting for its turn</source>
        <translation>正在排队</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>Starting the built-in engine…</source>
        <translation>正在启动内置引擎…</translation>
    </message>
    <message>
        <source>Reading the sound…</source>
        <translation>正在读取音频…</translation>
    </message>
    <message>
        <source>Transcribing…</source>
        <translation>正在转写…</translation>
    </message>
    <message>
        <source>{done} of {total} transcribed</source>
        <translation>已转写 {done} / {total}</translation>
    </message>
    <message>
        <source>Trying again…</source>
        <translation>正在重试…</translation>
    </message>
    <message numerus="yes">
        <source>The server is busy; next try in %n s</source>
        <translation>
            <numerusform>服务器繁忙；%n 秒后重试</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TransferCard</name>
    <message>
        <source>Export everything</source>
        <translation>全部导出</translation>
    </message>
    <message>
        <source>Archives (*.zip)</source>
        <translation>压缩文件 (*.zip)</translation>
    </message>
    <message>
        <source>You</source>
        <translation>您</translation>
    </message>
    <message>
        <source>Exports (*.zip *.json)</source>
        <translation>导出文件 (*.zip *.json)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>已完成 {done} / {total}</translation>
    </message>
    <message>
        <source>Beginning</source>
        <translation>正在开始</translation>
    </message>
    <message>
        <source>Checking the file</source>
        <translation>正在检查文件</translation>
    </message>
    <message>
        <source>Export everything…</source>
        <translation>全部导出…</translation>
    </message>
    <message>
        <source>Conversations, pictures, recordings and transcripts as ordinary files in one archive. No keys.</source>
        <translation>把对话、图片、录音和转写稿以普通文件存入一个压缩文件，不含密钥。</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>An export of Triptych, or the archive that ChatGPT sends you. What is here already stays as it is.</source>
        <translation>可导入 Triptych 的导出文件，或 ChatGPT 发给您的压缩文件。已有内容保持不变。</translation>
    </message>
    <message>
        <source>With options and providers, if it has them</source>
        <translation>同时导入选项和服务商（如果有）</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take it back ({keys})</source>
        <translation>撤销（{keys}）</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>UpdateCard</name>
    <message>
        <source>Check now</source>
        <translation>立即检查</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Restart now</source>
        <translation>立即重启</translation>
    </message>
    <message>
        <source>Close and install</source>
        <translation>关闭并安装</translation>
    </message>
    <message>
        <source>Do not install</source>
        <translation>不安装</translation>
    </message>
    <message>
        <source>Website</source>
        <translation>网站</translation>
    </message>
    <message>
        <source>This copy came as a package or runs from its source, and does not update itself. Your package manager does, if it knows Triptych; else the website has newer versions.</source>
        <translation>此副本以软件包形式安装或从源代码运行，不会自行更新。如果软件包管理器知道 Triptych，由它更新；否则请到网站获取新版本。</translation>
    </message>
    <message>
        <source>This copy was not told where newer versions are announced. The website has them.</source>
        <translation>这个程序不知道新版本在哪里发布。请到网站查看。</translation>
    </message>
    <message>
        <source>Looking for a newer version…</source>
        <translation>正在检查新版本…</translation>
    </message>
    <message>
        <source>Nobody has looked for a newer one yet.</source>
        <translation>还没有检查过新版本。</translation>
    </message>
    <message>
        <source>The last look, {moment}, brought no answer that can be believed.</source>
        <translation>上次检查（{moment}）没有得到可信的回应。</translation>
    </message>
    <message>
        <source>Last looked: {moment}.</source>
        <translation>上次检查：{moment}。</translation>
    </message>
    <message>
        <source>Version {number} is the newest</source>
        <translation>版本 {number} 已是最新</translation>
    </message>
    <message>
        <source>There is no download of it for this computer; the website may know more.</source>
        <translation>没有适合这台电脑的下载；网站上可能有更多信息。</translation>
    </message>
    <message>
        <source>Version {number} is out</source>
        <translation>版本 {number} 已发布</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>已下载 {done}，共 {total}</translation>
    </message>
    <message>
        <source>Downloading version {number}…</source>
        <translation>正在下载版本 {number}…</translation>
    </message>
    <message>
        <source>It is installed when you close Triptych, after a backup of your data.</source>
        <translation>关闭 Triptych 时会先备份您的数据，然后安装。</translation>
    </message>
    <message>
        <source>Version {number} is ready</source>
        <translation>版本 {number} 已准备好</translation>
    </message>
    <message>
        <source>You have version {number}. The download has {size}.</source>
        <translation>您现在的版本是 {number}。下载大小为 {size}。</translation>
    </message>
    <message>
        <source>Version {number} is available</source>
        <translation>有新版本 {number}</translation>
    </message>
    <message>
        <source>Version {number}</source>
        <translation>版本 {number}</translation>
    </message>
</context>
<context>
    <name>UpdateNotices</name>
    <message>
        <source>Shall Triptych look for newer versions?</source>
        <translation>要让 Triptych 检查新版本吗？</translation>
    </message>
    <message>
        <source>Once a day it would ask one web page. Nothing about you or your computer is sent.</source>
        <translation>每天只查询一个网页，不发送任何关于您或这台电脑的信息。</translation>
    </message>
    <message>
        <source>Yes, once a day</source>
        <translation>好，每天一次</translation>
    </message>
    <message>
        <source>No</source>
        <translation>不用</translation>
    </message>
    <message>
        <source>Version {number} is available</source>
        <translation>有新版本 {number}</translation>
    </message>
    <message>
        <source>What is new</source>
        <translation>新内容</translation>
    </message>
    <message>
        <source>The website has it.</source>
        <translation>可在网站获取。</translation>
    </message>
    <message>
        <source>The download has {size}; you can go on working.</source>
        <translation>下载大小为 {size}；可以继续工作。</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Restart now</source>
        <translation>立即重启</translation>
    </message>
    <message>
        <source>Close and install</source>
        <translation>关闭并安装</translation>
    </message>
    <message>
        <source>Version {number} is ready</source>
        <translation>版本 {number} 已准备好</translation>
    </message>
    <message>
        <source>It is installed when you close Triptych, after a backup of your data.</source>
        <translation>关闭 Triptych 时会先备份您的数据，然后安装。</translation>
    </message>
    <message>
        <source>Version {number} is kept in case you want to go back.</source>
        <translation>版本 {number} 保留着，以便您想退回。</translation>
    </message>
    <message>
        <source>Open the page of updates</source>
        <translation>打开更新页面</translation>
    </message>
    <message>
        <source>This is version {number} now</source>
        <translation>现在是版本 {number}</translation>
    </message>
    <message>
        <source>This is version {number} again</source>
        <translation>又回到了版本 {number}</translation>
    </message>
    <message>
        <source>Your data is as you left it then. What you wrote since is kept as a backup.</source>
        <translation>您的数据和那时一样。之后写的内容保留在备份里。</translation>
    </message>
    <message>
        <source>Show the backups</source>
        <translation>显示备份</translation>
    </message>
</context>
<context>
    <name>UpdatesPage</name>
    <message>
        <source>Updates</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Go back?</source>
        <translation>要退回吗？</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>退回</translation>
    </message>
    <message>
        <source>New in version {number}</source>
        <translation>版本 {number} 的新内容</translation>
    </message>
    <message>
        <source>Go back to version {number}…</source>
        <translation>退回到版本 {number}…</translation>
    </message>
    <message>
        <source>Version {number} is kept, with your data as it was on {moment}.</source>
        <translation>版本 {number} 保留着，连同您在 {moment} 时的数据。</translation>
    </message>
    <message>
        <source>Triptych closes, and version {number} takes its place, with your data and settings as they were on {moment}. What you have now is kept as a backup first; nothing is deleted.</source>
        <translation>Triptych 会关闭，由版本 {number} 取代，数据和设置恢复到 {moment} 时的样子。现在的内容会先保存为备份，不会删除任何东西。</translation>
    </message>
    <message>
        <source>What is new</source>
        <translation>新内容</translation>
    </message>
    <message>
        <source>Former version</source>
        <translation>之前的版本</translation>
    </message>
</context>
<context>
    <name>VerdictCard</name>
    <message>
        <source>Use {address}</source>
        <translation>使用 {address}</translation>
    </message>
    <message>
        <source>Edit the address</source>
        <translation>修改地址</translation>
    </message>
    <message>
        <source>Enter the key</source>
        <translation>输入密钥</translation>
    </message>
    <message>
        <source>Choose a certificate file…</source>
        <translation>选择证书文件…</translation>
    </message>
    <message>
        <source>Show the proxy&apos;s settings</source>
        <translation>查看代理设置</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>选择其他模型</translation>
    </message>
    <message>
        <source>Get a key</source>
        <translation>获取密钥</translation>
    </message>
    <message>
        <source>Open the account&apos;s page</source>
        <translation>打开账户页面</translation>
    </message>
    <message>
        <source>Nothing useful answers at this address, but a server answers at another one nearby.</source>
        <translation>此地址没有有效响应，但另一个相近的地址有服务器应答。</translation>
    </message>
    <message numerus="yes">
        <source>It works: the server offers %n model(s).</source>
        <translation>
            <numerusform>连接成功：服务器提供 %n 个模型。</numerusform>
        </translation>
    </message>
    <message>
        <source>It works. The server does not list its models; type their names in the model picker.</source>
        <translation>连接成功。服务器不提供模型列表，请在模型选择框中输入模型名称。</translation>
    </message>
    <message>
        <source>This is not a server&apos;s address. It should look like https://api.example.com/v1.</source>
        <translation>这不是服务器地址。地址应类似于 https://api.example.com/v1。</translation>
    </message>
    <message>
        <source>The address is still the template&apos;s. Put the name of your own resource in its place.</source>
        <translation>地址仍是模板中的内容，请填入您自己的资源名称。</translation>
    </message>
    <message>
        <source>Something answers at this address, but not as an OpenAI-compatible server does. Check the address; it usually ends in /v1.</source>
        <translation>此地址有响应，但不是与 OpenAI 兼容的服务器。请检查地址，它通常以 /v1 结尾。</translation>
    </message>
    <message>
        <source>No server of this name is found. Check the address for a slip, and whether the network works.</source>
        <translation>找不到这个名称的服务器。请检查地址是否有误，以及网络是否正常。</translation>
    </message>
    <message>
        <source>Nobody answers at this address. Check its port, and whether the server has been started.</source>
        <translation>此地址没有服务器响应。请检查端口，以及服务器是否已启动。</translation>
    </message>
    <message>
        <source>The server does not answer in time. Check the address; a firewall or a missing proxy may swallow the request, or the server may be overloaded.</source>
        <translation>服务器没有及时响应。请检查地址；请求可能被防火墙拦截，可能需要设置代理，也可能是服务器过载。</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not trusted, so nothing was sent. If this is your company&apos;s or your own server, choose the file of its certificate authority.</source>
        <translation>服务器的证书不受信任，因此没有发送任何内容。如果这是您公司或您自己的服务器，请选择其证书颁发机构的文件。</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not valid today, so nothing was sent. Check this computer&apos;s date; if it is right, whoever runs the server has to renew the certificate.</source>
        <translation>服务器的证书目前不在有效期内，因此没有发送任何内容。请检查本机日期；如果日期无误，则需要服务器的管理者更新证书。</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is made out to another name, so nothing was sent. Use the name that it is made out to.</source>
        <translation>服务器的证书属于另一个名称，因此没有发送任何内容。请使用证书上的名称作为地址。</translation>
    </message>
    <message>
        <source>The certificate file cannot be read. Choose one in the PEM format.</source>
        <translation>无法读取证书文件。请选择 PEM 格式的文件。</translation>
    </message>
    <message>
        <source>The proxy cannot be reached or does not let the request through.</source>
        <translation>无法连接代理，或代理没有放行请求。</translation>
    </message>
    <message>
        <source>The proxy asks for a name and a password. Write them into its address: http://name:password@host:port</source>
        <translation>代理需要用户名和密码。请写入代理地址：http://用户名:密码@主机:端口</translation>
    </message>
    <message>
        <source>The server is reached, but it has a problem of its own. Test again later.</source>
        <translation>已连上服务器，但服务器自身出现问题。请稍后再测试。</translation>
    </message>
    <message>
        <source>The server runs and is still loading its model. Test again in a minute.</source>
        <translation>服务器正在运行，但仍在加载模型。请一分钟后再测试。</translation>
    </message>
    <message>
        <source>The server is reached but has no model yet. Download or load one there, then test again.</source>
        <translation>已连上服务器，但其中还没有模型。请先在服务器上下载或加载模型，再测试一次。</translation>
    </message>
    <message>
        <source>The server is reached, but it does not have “{model}”, or this key may not use it.</source>
        <translation>已连上服务器，但其中没有“{model}”，或此密钥无权使用它。</translation>
    </message>
    <message>
        <source>The server is reached, but it does not accept the key. Enter it again.</source>
        <translation>已连上服务器，但密钥未被接受。请重新输入密钥。</translation>
    </message>
    <message>
        <source>The server is reached, and it wants a key. Enter one above.</source>
        <translation>已连上服务器，它需要密钥。请在上方输入密钥。</translation>
    </message>
    <message>
        <source>The key holds a character that no key has, so nothing was sent. Copy it again, without quotes.</source>
        <translation>密钥中含有不该有的字符，因此没有发送任何内容。请重新复制密钥，不要带引号。</translation>
    </message>
    <message>
        <source>The server is reached and knows the key, but does not permit this. The account may need to be verified, the key may lack a permission, or the server is closed to this country.</source>
        <translation>已连上服务器，密钥也被识别，但服务器不允许此操作。账户可能需要验证，密钥可能缺少权限，或服务器不对所在国家或地区开放。</translation>
    </message>
    <message>
        <source>Address and key are right, but the account has no credit or has reached its limit. Testing again does not help before that has changed.</source>
        <translation>地址和密钥都正确，但账户余额不足或已达到限额。在此改变之前，再次测试也没有用。</translation>
    </message>
    <message>
        <source>Address and key are right; the server only asks for a pause. Test again in a minute.</source>
        <translation>地址和密钥都正确，服务器只是要求稍候。请一分钟后再测试。</translation>
    </message>
</context>
<context>
    <name>Viewer</name>
    <message>
        <source>Back to all pictures</source>
        <translation>返回所有图片</translation>
    </message>
    <message>
        <source>Previous picture</source>
        <translation>上一张图片</translation>
    </message>
    <message>
        <source>Next picture</source>
        <translation>下一张图片</translation>
    </message>
    <message>
        <source>Compare with the original</source>
        <translation>与原图对比</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小显示</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大显示</translation>
    </message>
    <message>
        <source>Fit, or actual size</source>
        <translation>适应窗口或实际大小</translation>
    </message>
    <message>
        <source>How it was made</source>
        <translation>生成信息</translation>
    </message>
</context>
<context>
    <name>WaveformView</name>
    <message>
        <source>Waveform</source>
        <translation>波形</translation>
    </message>
    <message>
        <source>Left and right arrow keys move by five seconds</source>
        <translation>按左右方向键可后退或前进五秒</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>What would you like to know?</source>
        <translation>您想了解什么？</translation>
    </message>
    <message>
        <source>The built-in engine answers on this computer; nothing leaves it.</source>
        <translation>内置引擎在此电脑上回答，数据不会离开此电脑。</translation>
    </message>
    <message>
        <source>Drop pictures or text files anywhere to ask about them.</source>
        <translation>将图片或文本文件拖放到任意位置，即可就其提问。</translation>
    </message>
    <message>
        <source>Explain recursion with a small Python example</source>
        <translation>用一个简短的 Python 例子解释递归</translation>
    </message>
    <message>
        <source>Write a polite e-mail that moves a meeting to Friday</source>
        <translation>写一封礼貌的邮件，把会议改到周五</translation>
    </message>
    <message>
        <source>Translate into Chinese: The early bird catches the worm</source>
        <translation>翻译成中文：The early bird catches the worm</translation>
    </message>
    <message>
        <source>Connect a provider for larger models</source>
        <translation>连接服务商以使用更大的模型</translation>
    </message>
</context>
<context>
    <name>WindowNotices</name>
    <message>
        <source>The history is damaged and being repaired: {percent} %</source>
        <translation>历史记录已损坏，正在修复：{percent} %</translation>
    </message>
    <message>
        <source>What can be read of it will be there in a moment. The damaged file is kept.</source>
        <translation>能读出的内容马上就会显示。损坏的文件会保留。</translation>
    </message>
    <message>
        <source>Conversations in it: {count}.</source>
        <translation>其中的对话：{count} 个。</translation>
    </message>
    <message>
        <source>What was there before is kept as a backup.</source>
        <translation>之前的内容已保留为备份。</translation>
    </message>
    <message>
        <source>Switched off until you have checked the address: {names}.</source>
        <translation>以下服务商已停用，请先核对地址：{names}。</translation>
    </message>
    <message>
        <source>Open provider settings</source>
        <translation>打开服务商设置</translation>
    </message>
    <message>
        <source>The state of {moment} is back</source>
        <translation>已恢复到 {moment} 的状态</translation>
    </message>
    <message>
        <source>The backup is being put in place</source>
        <translation>正在恢复备份</translation>
    </message>
    <message>
        <source>Everything will be there in a moment. The present data becomes a backup itself.</source>
        <translation>稍后即可使用。当前数据会另存为一份备份。</translation>
    </message>
    <message>
        <source>Undo the restore</source>
        <translation>撤销恢复</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>WrappingLabel</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
</TS>
