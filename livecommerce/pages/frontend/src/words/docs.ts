// Words of the API reader and of the caught mail.
import { words } from './lang';

const zh = {
  title: '接口文档',
  lead: '由运行中的服务自动描述（OpenAPI 3.1）。所有页面使用的就是这些接口。',
  search: '搜索路径或说明',
  none: '没有匹配的接口。',
  parameters: '参数',
  body: '请求体',
  answers: '响应',
  required: '必填',
  example: '示例',
  raw: '原始描述',
  groups: '分组',
  where: { path: '路径', query: '查询', header: '请求头', cookie: 'Cookie' } as Record<string, string>,
  access: '权限',
  mailTitle: '截获的邮件',
  mailLead: '演示环境不向外发信。系统发出的每封邮件都在这里。',
  noMail: '还没有邮件。下单或发货后再来看看。',
  noMailHere: '此环境没有邮件收集器，或您无权查看。',
  to: '收件人',
  from: '发件人',
  pick: '选择一封邮件查看。',
};

const en: typeof zh = {
  title: 'API reference',
  lead: 'Described by the running service itself (OpenAPI 3.1). The pages here use nothing else.',
  search: 'Search paths and descriptions',
  none: 'Nothing matches.',
  parameters: 'Parameters',
  body: 'Body',
  answers: 'Answers',
  required: 'required',
  example: 'Example',
  raw: 'Raw description',
  groups: 'Groups',
  where: { path: 'path', query: 'query', header: 'header', cookie: 'cookie' },
  access: 'May call',
  mailTitle: 'Caught mail',
  mailLead: 'The demo sends nothing out. Every message the system wrote is here.',
  noMail: 'No mail yet. Come back after an order or a parcel.',
  noMailHere: 'Nothing catches mail here, or it is not yours to read.',
  to: 'To',
  from: 'From',
  pick: 'Choose a message to read it.',
};

export const docsWords = words(zh, en);
